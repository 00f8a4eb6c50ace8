import type { Kit } from '../kit.js';

/** What an adapter is measured by. `robust` is all of 1.2 and everything that registries met in the wild. */
export const PROFILES = ['1.0', '1.1', '1.2', 'harbor-strict', 'robust'] as const;
export type Profile = (typeof PROFILES)[number];

export const GROUPS = {
  A: 'Metadata',
  B: 'Submitting a scan',
  C: 'Report of vulnerabilities',
  D: 'SBOM',
  E: 'How it pulls',
  F: 'Artifacts',
  G: 'Robustness',
  H: 'Security',
  I: 'What Harbor itself needs',
} as const;
export type Group = keyof typeof GROUPS;

/** One demand on an adapter. Everything that a vendor reads about it is here; `run` only finds out whether it is met. */
export interface Check {
  /** Letter of the group and a number, e.g. `C4`. Stable: vendors name it with `--only` and in their tickets. */
  id: `${Group}${number}`;
  /** The demand, as a sentence about the adapter. */
  title: string;
  /** What the kit asks or does. */
  asked: string;
  /** Where it is written down. */
  source: string;
  /** What to do when it is not met. */
  advice: string;
  /** A failure here makes the profile fail. */
  required: readonly Profile[];
  /** A failure here is a warning. In profiles named by neither the check is not run. */
  advised?: readonly Profile[];
  run(kit: Kit): Promise<Verdict>;
}

export interface Verdict {
  outcome: 'passed' | 'failed' | 'not-applicable';
  /** What came, or why there was nothing to ask. */
  came: string;
}

export const passed = (came: string): Verdict => ({ outcome: 'passed', came });
export const failed = (came: string): Verdict => ({ outcome: 'failed', came });
export const notApplicable = (why: string): Verdict => ({ outcome: 'not-applicable', came: why });

/** A list of checks, each of them whole. */
export function checks(list: readonly Check[]): readonly Check[] {
  return list;
}

/** Failed with these problems, or passed with what came when there are none. */
export function verdictOf(problems: readonly string[], came: string): Verdict {
  if (problems.length === 0) return passed(came);
  const shown = problems.slice(0, 5);
  const rest = problems.length - shown.length;
  return failed([...shown, ...(rest > 0 ? [`and ${rest} more of this kind`] : [])].join('\n'));
}

/** Made of adapters only that declare an SBOM. */
export function whereSbom(check: Check): Check {
  return {
    ...check,
    async run(kit) {
      const { sbomFormats } = await kit.declared();
      return sbomFormats.length === 0 ? notApplicable('the adapter declares no SBOM') : check.run(kit);
    },
  };
}

/** Made of adapters only that declare a report of vulnerabilities. */
export function whereVulnerabilities(check: Check): Check {
  return {
    ...check,
    async run(kit) {
      const { vulnerabilityTypes } = await kit.declared();
      if (vulnerabilityTypes.length > 0) return check.run(kit);
      return notApplicable('the adapter declares no report of vulnerabilities');
    },
  };
}

/** A check cannot be made because what it looks at does not exist; the check that says so has failed itself. */
export class BlockedError extends Error {
  constructor(
    readonly by: Check['id'],
    reason: string,
  ) {
    super(reason);
    this.name = 'BlockedError';
  }
}

/** Profiles of the specification from a version on. */
export const SINCE_1_0: readonly Profile[] = ['1.0', '1.1', '1.2', 'robust'];
export const SINCE_1_1: readonly Profile[] = ['1.1', '1.2', 'robust'];
export const SINCE_1_2: readonly Profile[] = ['1.2', 'robust'];
export const EVERYWHERE: readonly Profile[] = PROFILES;
export const ROBUST: readonly Profile[] = ['robust'];
export const HARBOR: readonly Profile[] = ['harbor-strict'];

/** All profiles but these. */
export function except(...profiles: readonly Profile[]): readonly Profile[] {
  return PROFILES.filter((profile) => !profiles.includes(profile));
}
