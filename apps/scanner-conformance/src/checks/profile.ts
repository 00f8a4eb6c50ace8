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

/** Letter of the group and a number, e.g. `C4`. */
export type CheckId = `${Group}${number}`;

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
