import type { RunningTask } from '@breakwater/jobs';
import { ScanLostError, type ReportFile, type ScannerClient, type WantedReport } from '@breakwater/scanner-client';
import type { ScanSession } from './scan-session.js';

/**
 * The reports of a session, one after the other, each on the disk. What the adapter has lost is asked for once more.
 *
 * @param take  called for each report, which is gone afterwards.
 * @see scanner-spec §8.2
 */
export async function withReports(
  task: RunningTask,
  client: ScannerClient,
  session: ScanSession,
  wanted: readonly WantedReport[],
  signal: AbortSignal,
  take: (report: ReportFile, index: number) => Promise<void>,
): Promise<void> {
  let scan = await session.submit();
  let isAskedAgain = false;
  const receive = async (report: WantedReport): Promise<ReportFile> => {
    try {
      return await client.report(session.endpoint, scan.scanId, report, { signal, authorization: scan.authorization });
    } catch (error) {
      // Whatever it was, the next run begins anew.
      if (!task.signal.aborted) await task.remember({ scanId: '' });
      if (!(error instanceof ScanLostError) || isAskedAgain) throw error;
      isAskedAgain = true;
      task.log(`the scanner does not know scan ${scan.scanId} any more, and is asked again`);
      scan = await session.submit();
      return receive(report);
    }
  };
  for (const [index, report] of wanted.entries()) {
    const file = await receive(report);
    try {
      task.log(`report ${report.sbomFormat ?? report.reportType} has ${file.sizeBytes} bytes`);
      await take(file, index);
    } finally {
      await file.dispose();
    }
  }
}
