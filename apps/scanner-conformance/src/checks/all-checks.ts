import { METADATA_CHECKS } from './a-metadata.js';
import { SUBMIT_CHECKS } from './b-submit.js';
import { REPORT_CONTENT_CHECKS } from './c-report-content.js';
import { REPORT_CHECKS } from './c-report.js';
import type { Check } from './check.js';
import type { Profile } from './profile.js';
import { SBOM_CHECKS } from './d-sbom.js';
import { PULL_CHECKS, PULL_CHECKS_OF_THE_WHOLE_RUN } from './e-pull.js';
import { ARTIFACT_CHECKS } from './f-artifacts.js';
import { ROBUSTNESS_CHECKS } from './g-robustness.js';
import { SECURITY_CHECKS, SECURITY_CHECKS_OF_THE_WHOLE_RUN } from './h-security.js';
import { HARBOR_CHECKS, HARBOR_CHECKS_OF_THE_WHOLE_RUN } from './i-harbor.js';

/** In the order in which they are made: those that look back at the whole run come last. */
export const ALL_CHECKS: readonly Check[] = [
  ...METADATA_CHECKS,
  ...SUBMIT_CHECKS,
  ...REPORT_CHECKS,
  ...REPORT_CONTENT_CHECKS,
  ...SBOM_CHECKS,
  ...PULL_CHECKS,
  ...ARTIFACT_CHECKS,
  ...ROBUSTNESS_CHECKS,
  ...SECURITY_CHECKS,
  ...HARBOR_CHECKS,
  ...PULL_CHECKS_OF_THE_WHOLE_RUN,
  ...SECURITY_CHECKS_OF_THE_WHOLE_RUN,
  ...HARBOR_CHECKS_OF_THE_WHOLE_RUN,
];

/** Checks of a profile; `only` names groups (`C`) or single checks (`C4`). */
export function checksOf(profile: Profile, only: readonly string[] = []): Check[] {
  return ALL_CHECKS.filter((check) => levelOf(check, profile) !== null && isNamed(check, only));
}

/** What a failure means in this profile; null: the check is not part of it. */
export function levelOf(check: Check, profile: Profile): 'required' | 'advised' | null {
  if (check.required.includes(profile)) return 'required';
  return check.advised?.includes(profile) ? 'advised' : null;
}

/** Names in `only` that no check has. */
export function unknownNames(only: readonly string[]): string[] {
  return only.filter((name) => !ALL_CHECKS.some((check) => isNamed(check, [name])));
}

function isNamed({ id }: Check, only: readonly string[]): boolean {
  return only.length === 0 || only.some((name) => name === id || name === id[0]);
}
