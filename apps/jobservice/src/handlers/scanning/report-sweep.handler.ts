import type { JobHandler, JobOutcome, NewSchedule, RunningTask } from '@breakwater/jobs';
import type { ReportSweeper } from '@breakwater/scanning';

/** Takes away what nothing shows any more: reports of deleted artifacts, and those that newer ones have replaced. */
export class ReportSweepHandler implements JobHandler {
  constructor(private readonly sweeper: ReportSweeper) {}

  async run(task: RunningTask): Promise<JobOutcome> {
    let total = 0;
    for (let swept = Infinity; swept > 0;) {
      task.signal.throwIfAborted();
      swept = await this.sweeper.sweep();
      total += swept;
    }
    return { statusMessage: `${total} reports went` };
  }
}

/** Every ten minutes: neither deleting an artifact nor scanning it again waits for it. */
export const REPORT_SWEEP_SCHEDULE: NewSchedule = {
  vendorType: 'SYSTEM_ARTIFACT_CLEANUP',
  vendorId: -1,
  cronType: 'Custom',
  cron: '0 */10 * * * *',
};
