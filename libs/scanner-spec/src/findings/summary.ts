import type { Severity } from '@breakwater/domain';
import type { Finding } from './finding.js';

/** Findings in numbers. */
export interface FindingSummary {
  readonly total: number;
  /** Those with a version that fixes them. */
  readonly fixable: number;
  /** The worst, `None` of no findings. */
  readonly severity: Severity;
  /** Of the worst; 99 when a word among them is one that nobody has heard of. */
  readonly severityRank: number;
  /** Severities that occur, each with its number; their sum is `total`. */
  readonly bySeverity: Readonly<Partial<Record<Severity, number>>>;
}

/** @param findings  each once; see `findingsOf`. */
export function summarize(
  findings: Iterable<Pick<Finding, 'severity' | 'severityRank' | 'fixVersion'>>,
): FindingSummary {
  const summary = { total: 0, fixable: 0, severity: 'None' as Severity, severityRank: 0 };
  const bySeverity: Partial<Record<Severity, number>> = {};
  // The weight of `severity`; a word that nobody has heard of outranks it without being a severity to show.
  let shownRank = -1;
  for (const { severity, severityRank, fixVersion } of findings) {
    summary.total++;
    if (fixVersion !== null) summary.fixable++;
    bySeverity[severity] = (bySeverity[severity] ?? 0) + 1;
    summary.severityRank = Math.max(summary.severityRank, severityRank);
    const rank = severityRank === UNHEARD_OF ? 0 : severityRank;
    if (rank <= shownRank) continue;
    shownRank = rank;
    summary.severity = severity;
  }
  return { ...summary, bySeverity };
}

const UNHEARD_OF = 99;
