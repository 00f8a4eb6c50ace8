import { findSeverity, severityRank, type Severity } from '@breakwater/domain';

/**
 * A scanner's word for a severity as it is kept and shown: the specification's own word where it is one, or a known
 * vendor's word for one, whatever the case. Any other word stays as it is, and `severityRank` puts it above all, so that
 * it is seen and not waved through.
 */
export function severityWord(word: string): string {
  const trimmed = word.trim();
  return findSeverity(trimmed) ?? VENDOR_WORDS.get(trimmed.toLowerCase()) ?? trimmed;
}

/** The severity that counts and colours go by; `Unknown` for a word that nobody has heard of. */
export function severityOf(word: string): Severity {
  return findSeverity(severityWord(word)) ?? 'Unknown';
}

/** The worst of some words, `None` of none. A word that nobody has heard of is the worst. */
export function worstSeverity(words: Iterable<string>): string {
  let worst = 'None';
  for (const word of words) {
    const isWorse = severityRank(word) > severityRank(worst);
    // Of equal weight, but said of something.
    const isSaid = worst === 'None' && severityRank(word) === 0;
    if (isWorse || isSaid) worst = word;
  }
  return worst;
}

/** Words of vendors' advisories that scanners pass on. */
const VENDOR_WORDS: ReadonlyMap<string, Severity> = new Map([
  ['important', 'High'],
  ['moderate', 'Medium'],
  ['minor', 'Low'],
  ['info', 'Negligible'],
  ['informational', 'Negligible'],
  ['minimal', 'Negligible'],
  ['defcon1', 'Critical'],
  ['unspecified', 'Unknown'],
  ['untriaged', 'Unknown'],
]);
