import type { Kit } from '../kit.js';
import type { CheckId, Profile } from './profile.js';

/** One demand on an adapter. Everything that a vendor reads about it is here; `run` only finds out whether it is met. */
export interface Check {
  /** Letter of the group and a number, e.g. `C4`. Stable: vendors name it with `--only` and in their tickets. */
  id: CheckId;
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
