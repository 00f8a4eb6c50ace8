import { TaskPostponedError, type JobHandler, type JobOutcome, type RunningTask } from '@breakwater/jobs';
import type { Digest } from '@breakwater/oci';
import { readSbomReport, type ScannerClient } from '@breakwater/scanner-client';
import { describeFaults, ScannerMediaType, type ReportHead } from '@breakwater/scanner-spec';
import {
  NO_FINDINGS,
  parseScanTask,
  ReportGoneError,
  type BegunScan,
  type ReportOutcome,
  type ScanEnds,
} from '@breakwater/scanning';
import { GONE } from './image-scan.handler.js';
import type { SbomAccessories } from './sbom-accessories.js';
import { finalError, withinDeadline } from './scan-deadline.js';
import { UnusableReportError } from './scan.errors.js';
import { withReports } from './scan-reports.js';
import type { ScanSession, ScanSessions } from './scan-session.js';

/** Has one scanner say what is in an image, in every format that it knows, and attaches the documents to the image. */
export class SbomHandler implements JobHandler {
  constructor(private readonly deps: SbomHandlerDependencies) {}

  async run(task: RunningTask): Promise<JobOutcome | void> {
    const { ends, accessories, sessions, timeoutSeconds } = this.deps;
    const parameters = parseScanTask(task.parameters);
    const report = await ends.find(parameters.reportId);
    if (report === null) return GONE;
    try {
      const made = await withinDeadline(task, timeoutSeconds, async (signal) => {
        const scanner = await sessions.readyScanner(task, report, signal);
        const scan = await ends.begin(task.id, report.id);
        if (scan === null) return null;
        if (await this.isNeedless(task, scan)) return { scan, outcome: null };
        return { scan, outcome: await this.make(task, scan, sessions.begin(task, scan, scanner, signal), signal) };
      });
      if (made === null) return GONE;
      const { scan, outcome } = made;
      if (outcome === null) return;
      const statusMessage = `made as ${Object.keys(outcome.sbomDigests ?? {}).join(' and ')}`;
      task.log(statusMessage);
      await task.finish(async (tx) => void (await ends.complete(tx, scan, parameters, outcome)), { statusMessage });
      const kept = Object.values(outcome.sbomDigests ?? {});
      await accessories.removeOthers(scan.target, kept, scan.report.requestedBy);
    } catch (error) {
      if (error instanceof ReportGoneError) return GONE;
      if (error instanceof TaskPostponedError) await ends.wait(task.id, report);
      throw finalError(error);
    }
  }

  /** Nobody asked for it by hand, and the pusher has attached one meanwhile: that one knows more. */
  private async isNeedless(task: RunningTask, scan: BegunScan): Promise<boolean> {
    const { attachedSbom } = scan.target;
    if (task.extraAttributes['isAutomatic'] !== true || attachedSbom === null) return false;
    const statusMessage = `not made: whoever pushed the artifact has attached ${attachedSbom}`;
    task.log(statusMessage);
    await task.finish((tx) => this.deps.ends.drop(tx, scan), { statusMessage });
    return true;
  }

  private async make(
    task: RunningTask,
    scan: BegunScan,
    session: ScanSession,
    signal: AbortSignal,
  ): Promise<ReportOutcome> {
    const { sbomFormats } = session.offer;
    const wanted = sbomFormats.map((sbomFormat) => ({ reportType: ScannerMediaType.SBOM_REPORT, sbomFormat }));
    const digests: Record<string, Digest> = {};
    let first: Omit<ReportHead, 'artifact'> | null = null;
    await withReports(task, this.deps.client, session, wanted, signal, async (file, index) => {
      const { report, faults } = await readSbomReport(file);
      if (faults.length > 0) task.log(`read in spite of faults: ${describeFaults(faults)}`);
      const document = {
        mediaType: report.media_type,
        content: Buffer.from(JSON.stringify(report.sbom)),
        generatedAt: report.generated_at === null ? null : new Date(report.generated_at),
      };
      const accessory = await this.deps.accessories.put(scan.target, document, scan.report.requestedBy, signal);
      task.log(`${report.media_type} of ${scan.target.repository}@${scan.target.digest} is ${accessory}`);
      digests[report.media_type] = accessory;
      first ??= report;
      task.progress(index + 1, wanted.length);
    });
    const made = first as Omit<ReportHead, 'artifact'> | null;
    if (made === null) throw new UnusableReportError('the scanner knows no format');
    return {
      mediaType: ScannerMediaType.SBOM_REPORT,
      scanner: made.scanner ?? session.metadata.scanner,
      generatedAt: made.generated_at === null ? null : new Date(made.generated_at),
      severity: null,
      counts: NO_FINDINGS,
      changes: null,
      sbomDigests: digests,
    };
  }
}

export interface SbomHandlerDependencies {
  readonly ends: ScanEnds;
  readonly sessions: ScanSessions;
  readonly client: ScannerClient;
  readonly accessories: SbomAccessories;
  readonly timeoutSeconds: number;
}
