import type { JobHandler, JobOutcome, RunningTask } from '@breakwater/jobs';
import type { ReportFile, ScannerClient } from '@breakwater/scanner-client';
import { describeFaults, VulnerabilityReportReader, type Vulnerability } from '@breakwater/scanner-spec';
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
    const parameters = parseScanTask(task.parameters);
    const scan = await this.deps.ends.begin(task.id, parameters.reportId);
    if (scan === null) return GONE;
    try {
      const outcome = await withinDeadline(task, this.deps.timeoutSeconds, (signal) => this.scan(task, scan, signal));
      const { total, fixable } = outcome.counts;
      const statusMessage = `${total} findings, ${fixable} of them with a fix; the worst is ${outcome.severity}`;
      task.log(`${statusMessage}${changesText(outcome.changes)}`);
      await task.finish(async (tx) => void (await this.deps.ends.complete(tx, scan, parameters, outcome)), {
        statusMessage,
      });
    } catch (error) {
      if (error instanceof ReportGoneError) return GONE;
      throw finalError(error);
    }
  }

  private async scan(task: RunningTask, scan: BegunScan, signal: AbortSignal): Promise<ReportOutcome> {
    const session = await this.deps.sessions.begin(task, scan, signal);
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
    if (task.attempt > 1) await findings.clear(report.id);
    const pending: Vulnerability[] = [];
    const reader = new VulnerabilityReportReader((vulnerability) => pending.push(vulnerability));
    const decoder = new TextDecoder();
    for await (const chunk of file.stream() as AsyncIterable<Buffer>) {
      signal.throwIfAborted();
      reader.write(decoder.decode(chunk, { stream: true }));
      while (pending.length >= AT_ONCE)
        await findings.add(report.id, report.registrationId, pending.splice(0, AT_ONCE));
    }
    reader.write(decoder.decode());
    const { value, faults } = reader.end();
    if (value === null) throw new UnusableReportError(describeFaults(faults));
    if (faults.length > 0) task.log(`read in spite of faults: ${describeFaults(faults)}`);
    await findings.add(report.id, report.registrationId, pending);
    task.progress(STEPS, STEPS);
    const totals = await findings.totals(report.id);
    const changes = previous === null ? null : await findings.compare(report.id, previous.id);
    return {
      mediaType: offer.reportTypes[0] ?? report.mediaType,
      scanner: value.scanner ?? metadata.scanner,
      generatedAt: value.generated_at === null ? null : new Date(value.generated_at),
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
const AT_ONCE = 500;

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
