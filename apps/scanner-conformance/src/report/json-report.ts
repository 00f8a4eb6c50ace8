import { GROUPS } from '../checks/profile.js';
import { type RunResult, groupOf, isFailure } from '../run-checks.js';

/** The report for programs. Fields are only ever added. */
export function jsonReport(run: RunResult, kitVersion: string): string {
  const document = {
    kit: { name: 'scanner-conformance', version: kitVersion },
    adapter: run.adapterUrl,
    scanner: run.scanner,
    profile: run.profile,
    conformant: run.isConformant,
    started_at: run.startedAt.toISOString(),
    duration_ms: Math.round(run.durationMs),
    checks: run.results.map((result) => ({
      id: result.check.id,
      group: GROUPS[groupOf(result)],
      title: result.check.title,
      level: result.level,
      outcome: result.outcome,
      fails_profile: isFailure(result),
      blocked_by: result.blockedBy,
      asked: result.check.asked,
      came: result.came,
      source: result.check.source,
      advice: result.check.advice,
      duration_ms: Math.round(result.durationMs),
    })),
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}
