import { TaskPostponedError, type JobHandler, type JobOutcome, type RunningTask } from '@breakwater/jobs';
import { readVulnerabilityReport, type ReportFile, type ScannerClient } from '@breakwater/scanner-client';
import { describeFaults, type Vulnerability } from '@breakwater/scanner-spec';
import {
  parseScanTask,
  ReportGoneError,
  type BegunScan,
  type FindingStore,
  type ReportChanges,
  type ReportOutcome,
  type ScanEnds,
} from '@breakwater/scanning';
import { finalError, withinDeadline } from './scan-deadline.js';
import { UnusableReportError } from './scan.errors.js';
import { withReports } from './scan-reports.js';
import type { ScanSession, ScanSessions } from './scan-session.js';

/** Has one image looked at by one scanner, and stores what it found. */
export class ImageScanHandler implements JobHandler {
  constructor(private readonly deps: ImageScanDependencies) {}

  async run(task: RunningTask): Promise<JobOutcome | void> {
    const { ends, sessions, timeoutSeconds } = this.deps;
    const parameters = parseScanTask(task.parameters);
    const report = await ends.find(parameters.reportId);
    if (report === null) return GONE;
    try {
      const scanned = await withinDeadline(task, timeoutSeconds, async (signal) => {
        const scanner = await sessions.readyScanner(task, report, signal);
        const scan = await ends.begin(task.id, report.id);
        if (scan === null) return null;
        return { scan, outcome: await this.scan(task, scan, sessions.begin(task, scan, scanner, signal), signal) };
      });
      if (scanned === null) return GONE;
      const { scan, outcome } = scanned;
      const { total, fixable } = outcome.counts;
      const statusMessage = `${total} findings, ${fixable} of them with a fix; the worst is ${outcome.severity}`;
      task.log(`${statusMessage}${changesText(outcome.changes)}`);
      await task.finish(async (tx) => void (await ends.complete(tx, scan, parameters, outcome)), { statusMessage });
    } catch (error) {
      if (error instanceof ReportGoneError) return GONE;
      if (error instanceof TaskPostponedError) await ends.wait(task.id, report);
      throw finalError(error);
    }
  }

  private async scan(
    task: RunningTask,
    scan: BegunScan,
    session: ScanSession,
    signal: AbortSignal,
  ): Promise<ReportOutcome> {
    const [reportType] = session.offer.reportTypes;
    if (reportType === undefined) throw new UnusableReportError('the scanner makes none that is known here');
    task.progress(1, STEPS);
    const outcomes: ReportOutcome[] = [];
    await withReports(task, this.deps.client, session, [{ reportType }], signal, async (file) => {
      task.progress(2, STEPS);
      outcomes.push(await this.store(task, scan, session, file, signal));
    });
    const [outcome] = outcomes;
    if (outcome === undefined) throw new UnusableReportError('none was sent');
    return outcome;
  }

  /** Piece by piece: a report of a hundred megabytes is never in memory, and others get their turn in between. */
  private async store(
    task: RunningTask,
    { report, previous }: BegunScan,
    { metadata, offer }: ScanSession,
    file: ReportFile,
    signal: AbortSignal,
  ): Promise<ReportOutcome> {
    const { findings } = this.deps;
    // An earlier run may have come to the middle of it.
    if (task.runCount > 1) await findings.clear(report.id);
    let stored = 0;
    const store = async (items: readonly Vulnerability[]): Promise<void> => {
      await findings.add(report.id, report.registrationId, items);
      const before = stored;
      stored += items.length;
      if (Math.floor(stored / TOLD_EACH) > Math.floor(before / TOLD_EACH)) task.log(`${stored} items are stored`);
    };
    const { report: head, faults } = await readVulnerabilityReport(file, store, signal);
    if (faults.length > 0) task.log(`read in spite of faults: ${describeFaults(faults)}`);
    task.progress(STEPS, STEPS);
    const totals = await findings.totals(report.id);
    const changes = previous === null ? null : await findings.compare(report.id, previous.id);
    return {
      mediaType: offer.reportTypes[0] ?? report.mediaType,
      scanner: head.scanner ?? metadata.scanner,
      generatedAt: head.generated_at === null ? null : new Date(head.generated_at),
      severity: totals.severity,
      counts: totals.counts,
      changes,
      sbomDigests: null,
    };
  }
}

export const GONE: JobOutcome = { statusMessage: 'nothing to do: the artifact was deleted, or the scan is over' };

/** Asked, received, stored. */
const STEPS = 3;
/** Of a large report: a line of the log for so many items. */
const TOLD_EACH = 50_000;

function changesText(changes: ReportChanges | null): string {
  return changes === null ? '' : `; since the last report ${changes.added} came and ${changes.fixed} went`;
}

export interface ImageScanDependencies {
  readonly ends: ScanEnds;
  readonly findings: FindingStore;
  readonly sessions: ScanSessions;
  readonly client: ScannerClient;
  readonly timeoutSeconds: number;
}
