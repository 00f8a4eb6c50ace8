import { LeaseLostError, WorkerEndingError, type RunningTask } from '@breakwater/jobs';
import { ScanLostError, type ReportFile, type ScannerClient, type WantedReport } from '@breakwater/scanner-client';
import { diaryOf } from './scan-diary.js';
import type { ScanSession } from './scan-session.js';

/**
 * The reports of a session, one after the other, each on the disk. What the adapter has lost is asked for once more.
 * With the last report, or whatever else comes of it, the adapter has nothing left to pull, and the credential ends.
 *
 * @param take  called for each report, which is gone afterwards.
 * @see scanner-spec §8.2, §8.3
 */
export async function withReports(
  task: RunningTask,
  client: ScannerClient,
  session: ScanSession,
  wanted: readonly WantedReport[],
  signal: AbortSignal,
  take: (report: ReportFile, index: number) => Promise<void>,
): Promise<void> {
  try {
    const receive = await receiver(task, client, session, signal);
    for (const [index, report] of wanted.entries()) {
      const file = await receive(report);
      try {
        if (index === wanted.length - 1) await session.close();
        await take(file, index);
      } finally {
        await file.dispose();
      }
    }
  } catch (error) {
    // What cannot be revoked now ends with the task, or by itself: the reason to tell is the first one.
    if (!isHandedOn(task.signal)) await session.close().catch(() => undefined);
    throw error;
  }
}

/** Hands the scan in. @returns waits for its reports, one by one. */
async function receiver(
  task: RunningTask,
  client: ScannerClient,
  session: ScanSession,
  signal: AbortSignal,
): Promise<(report: WantedReport) => Promise<ReportFile>> {
  let scan = await session.submit();
  let isAskedAgain = false;
  const receive = async (report: WantedReport): Promise<ReportFile> => {
    const { scanId, authorization } = scan;
    task.log(`waits for ${report.sbomFormat ?? report.reportType} of scan ${scanId}`);
    try {
      return await client.report(session.endpoint, scanId, report, {
        signal,
        authorization,
        onHappening: diaryOf(task),
      });
    } catch (error) {
      // Whatever it was, the next run begins anew.
      if (!task.signal.aborted) await task.remember({ scanId: '' });
      if (!(error instanceof ScanLostError) || isAskedAgain) throw error;
      isAskedAgain = true;
      task.log(`the scanner does not know scan ${scanId} any more, and is asked again`);
      scan = await session.submit();
      return receive(report);
    }
  };
  return receive;
}

/** Another worker goes on with the same scan, which pulls with the same credential. */
function isHandedOn({ aborted, reason }: AbortSignal): boolean {
  return aborted && (reason instanceof WorkerEndingError || reason instanceof LeaseLostError);
}
