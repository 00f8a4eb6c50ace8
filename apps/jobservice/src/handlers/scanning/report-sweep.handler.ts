import type { JobHandler, JobOutcome, NewSchedule, RunningTask } from '@breakwater/jobs';
import type { ReportSweeper, ScanDataExports } from '@breakwater/scanning';

/**
 * Takes away what nothing shows any more: reports of deleted artifacts and scanners, those that newer ones have
 * replaced, and exports that nobody has fetched in time.
 */
export class ReportSweepHandler implements JobHandler {
  constructor(
    private readonly sweeper: ReportSweeper,
    private readonly exports: ScanDataExports,
  ) {}

  async run(task: RunningTask): Promise<JobOutcome> {
    await all(task, () => this.sweeper.retire());
    const reports = await all(task, () => this.sweeper.sweep());
    const exports = await all(task, () => this.exports.sweep());
    return { statusMessage: `${reports} reports and ${exports} exports went` };
  }
}

async function all(task: RunningTask, sweep: () => Promise<number>): Promise<number> {
  let total = 0;
  for (let swept = Infinity; swept > 0;) {
    task.signal.throwIfAborted();
    swept = await sweep();
    total += swept;
    task.progress(total, 0);
  }
  return total;
}

/** Every ten minutes: neither deleting an artifact nor scanning it again waits for it. */
export const REPORT_SWEEP_SCHEDULE: NewSchedule = {
  vendorType: 'SYSTEM_ARTIFACT_CLEANUP',
  vendorId: -1,
  cronType: 'Custom',
  cron: '0 */10 * * * *',
};
