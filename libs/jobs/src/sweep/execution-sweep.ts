import type { Database } from '@breakwater/database';
import { JOB_TYPES, VENDOR_TYPES } from '../job-types.js';
import type { NewSchedule } from '../schedules/schedule.js';
import type { JobHandler, JobOutcome, RunningTask } from '../worker/job-handler.js';

/** Every hour. */
export const SWEEP_SCHEDULE: NewSchedule = {
  vendorType: 'EXECUTION_SWEEP',
  vendorId: -1,
  cronType: 'Custom',
  cron: '0 0 * * * *',
};

/** Removes ended executions beyond those that are kept of each vendor object, with their tasks and logs. */
export class ExecutionSweep implements JobHandler {
  constructor(private readonly database: Database) {}

  async run(task: RunningTask): Promise<JobOutcome> {
    let total = 0;
    for (let removed = AT_ONCE; removed === AT_ONCE && !task.signal.aborted;) {
      removed = await this.removeSome();
      total += removed;
      task.progress(total, 0);
    }
    return { statusMessage: `${total} executions were removed` };
  }

  private async removeSome(): Promise<number> {
    const rows = await this.database.rows(
      `DELETE FROM execution WHERE id IN (
         SELECT id
           FROM (SELECT id, vendor_type, row_number() OVER (PARTITION BY vendor_type, vendor_id ORDER BY id DESC)
                          AS position
                   FROM execution WHERE ended_at IS NOT NULL) AS ended
           JOIN unnest($1::text[], $2::integer[]) AS rule (vendor_type, retained) USING (vendor_type)
          WHERE position > retained LIMIT $3)
       RETURNING id`,
      [VENDOR_TYPES, VENDOR_TYPES.map((type) => JOB_TYPES[type].retainedExecutions), AT_ONCE],
    );
    return rows.length;
  }
}

const AT_ONCE = 100;
