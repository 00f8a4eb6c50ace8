import { ALL_CHECKS, levelOf } from '../checks/all-checks.js';
import { GROUPS, PROFILES } from '../checks/profile.js';

export const HELP = `
Usage: scanner-conformance <adapter-url> [options]

Checks that a scanner adapter speaks the pluggable scanner API. Starts a registry of its own on this machine, sends the
adapter there, and says what it did well, what not, and what to do about it.

  -p, --profile <name>        1.0, 1.1, 1.2 (default), harbor-strict (what Harbor itself needs) or
                              robust (1.2 and everything that registries met in the wild; takes longer)
  -a, --authorization <how>   credentials of the adapter: user:password, "Basic …", "Bearer …", apikey:<key>,
                              or @<file> to read one of these from a file
  -k, --insecure              do not check the adapter's certificate
  -r, --registry-address <a>  host or host:port under which the adapter reaches the kit's registry; needed when the
                              adapter runs elsewhere, e.g. host.docker.internal:5500. With a port, that one and the
                              six after it are used
      --registry-listen <ip>  address on which that registry listens: 127.0.0.1, or 0.0.0.0 with --registry-address
  -t, --timeout <seconds>     how long one scan may take (120)
  -o, --only <names>          groups or checks, e.g. A,C4
      --submits <count>       how many scans check B4 submits (50; 1000 in robust)
      --max-database-age <d>  days after which the vulnerability database counts as old (7)
      --json <file>           write the report as JSON
      --junit <file>          write the report as JUnit XML
  -v, --verbose               show what was asked and what came for all checks
      --list                  name all checks and the profiles that they belong to
      --version
  -h, --help

Exit code: 0 every required check of the profile was met, 1 not, 2 the checks could not be made.
`.trimStart();

/** Every check with what it is in each profile. */
export function listOfChecks(): string {
  const marks = { required: 'required', advised: 'advised' } as const;
  const rows = Object.entries(GROUPS).flatMap(([group, name]) => {
    const checks = ALL_CHECKS.filter(({ id }) => id.startsWith(group));
    const numbered = checks.sort((one, other) => Number(one.id.slice(1)) - Number(other.id.slice(1)));
    return [
      '',
      `${group}  ${name}`,
      ...numbered.map((check) => {
        const levels = PROFILES.flatMap((profile) => {
          const level = levelOf(check, profile);
          return level === null ? [] : [`${profile} ${marks[level]}`];
        });
        return `  ${check.id.padEnd(4)}${check.title}\n      ${levels.join(', ')}`;
      }),
    ];
  });
  return `${rows.slice(1).join('\n')}\n`;
}
