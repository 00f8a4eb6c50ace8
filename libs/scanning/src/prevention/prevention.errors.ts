import type { Finding, SeverityThreshold } from '@breakwater/domain';
import { AppError } from '@breakwater/errors';
import type { ScanStatus } from '../reports/report.js';

/** So many CVEs are named; the others are counted. */
const NAMED_CVES = 5;
const LISTED_CVES = 100;

/** The project holds vulnerable artifacts back. Says what was found and what can be done about it. */
export class PullPreventedError extends AppError {
  readonly code = 'PULL_PREVENTED';
  readonly kind = 'precondition';

  constructor(reason: string, remedy: string, detail: Readonly<Record<string, unknown>>) {
    super(`this project holds vulnerable artifacts back: ${reason}. ${remedy}.`, detail);
  }

  /** @param findings  the worst first; at least one. */
  static becauseOf(findings: readonly Finding[], threshold: SeverityThreshold): PullPreventedError {
    const worst = findings[0]?.severity ?? 'Unknown';
    const found = `${counted(findings.length, 'vulnerability', 'vulnerabilities')} of ${reached(threshold)}`;
    return new PullPreventedError(
      `the artifact has ${found}, the worst ${worst}: ${named(findings)}`,
      'Pull a version without them, or ask an administrator of the project to accept the CVEs in its CVE allowlist or ' +
        'to change the severity that it holds back',
      {
        severity: worst,
        threshold,
        vulnerabilityCount: findings.length,
        cveIds: findings.slice(0, LISTED_CVES).map(({ cveId }) => cveId),
      },
    );
  }

  /** @param status  of the last scan; null: there was none. */
  static notScanned(status: ScanStatus | null, threshold: SeverityThreshold): PullPreventedError {
    const [reason, remedy] = UNSCANNED[status ?? 'none'];
    return new PullPreventedError(reason, remedy, { scanStatus: status, threshold });
  }
}

const SCAN_IT = 'Scan it, then pull it again';
const WAIT = 'Pull it again when the scan is done';

const UNSCANNED = {
  none: ['the artifact has not been scanned yet', SCAN_IT],
  Pending: ['the scan of the artifact has not begun yet', WAIT],
  Scheduled: ['the scan of the artifact has not begun yet', WAIT],
  Running: ['the scan of the artifact is still running', WAIT],
  Error: ['the scan of the artifact failed', `Look at its log. ${SCAN_IT}`],
  Stopped: ['the scan of the artifact was stopped', SCAN_IT],
  // The scanner was changed between two looks.
  Success: ['the artifact has not been scanned yet', SCAN_IT],
} as const satisfies Record<ScanStatus | 'none', readonly [string, string]>;

function reached(threshold: SeverityThreshold): string {
  if (threshold === 'none') return 'any severity';
  const word = threshold.charAt(0).toUpperCase() + threshold.slice(1);
  return threshold === 'critical' ? `severity ${word}` : `severity ${word} or higher`;
}

function named(findings: readonly Finding[]): string {
  const first = findings.slice(0, NAMED_CVES).map(({ cveId, severity }) => `${cveId} (${severity})`);
  const others = findings.length - first.length;
  return others === 0 ? first.join(', ') : `${first.join(', ')} and ${counted(others, 'other', 'others')}`;
}

function counted(count: number, one: string, several: string): string {
  return `${count} ${count === 1 ? one : several}`;
}
