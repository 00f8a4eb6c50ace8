import type { AuditPurge } from '@breakwater/audit';
import type { JobHandler, JobOutcome, RunningTask } from '@breakwater/jobs';

/** @param keepDays  0: nothing goes. */
export class AuditPurgeHandler implements JobHandler {
  constructor(
    private readonly purge: Pick<AuditPurge, 'purge'>,
    private readonly keepDays: number,
  ) {}

  async run(task: Pick<RunningTask, 'signal'>): Promise<JobOutcome> {
    let total = 0;
    for (let gone = Infinity; gone > 0 && this.keepDays > 0;) {
      task.signal.throwIfAborted();
      gone = await this.purge.purge(this.keepDays);
      total += gone;
    }
    return { statusMessage: `${total} rows of audit logs went` };
  }
}
