/** Severity of a finding, as scanners report it. */
export type Severity = 'None' | 'Unknown' | 'Negligible' | 'Low' | 'Medium' | 'High' | 'Critical';

/** `None` and `Unknown` weigh the same: nothing is known that should hold a pull back. */
export const SEVERITY_RANK = {
  None: 0,
  Unknown: 0,
  Negligible: 1,
  Low: 2,
  Medium: 3,
  High: 4,
  Critical: 5,
} as const satisfies Record<Severity, number>;

/** A word that no scanner should send outranks everything, so that it is seen and not waved through. */
const UNHEARD_OF_RANK = 99;

/** Weight of a scanner's word, to compare and to sort; case does not matter. */
export function severityRank(word: string): number {
  const severity = findSeverity(word);
  return severity === null ? UNHEARD_OF_RANK : SEVERITY_RANK[severity];
}

/** The severity that `word` names, whatever its case. */
export function findSeverity(word: string): Severity | null {
  return BY_WORD.get(word.toLowerCase()) ?? null;
}

/** A project's threshold in the words of CVSS v3, as it is stored and shown. */
export type SeverityThreshold = 'none' | 'low' | 'medium' | 'high' | 'critical';

/** `negligible` is CVSS v3's `none`; null for a word that is no threshold, `unknown` among them. */
export function findSeverityThreshold(word: string): SeverityThreshold | null {
  const severity = findSeverity(word);
  if (severity === null || severity === 'Unknown') return null;
  return severity === 'Negligible' ? 'none' : (severity.toLowerCase() as SeverityThreshold);
}

/** Does a finding of this severity reach the threshold? Threshold `none` is reached by every finding. */
export function reachesThreshold(word: string, threshold: SeverityThreshold): boolean {
  return severityRank(word) >= severityRank(threshold);
}

const BY_WORD: ReadonlyMap<string, Severity> = new Map(
  (Object.keys(SEVERITY_RANK) as Severity[]).map((severity) => [severity.toLowerCase(), severity]),
);
