import type { Database } from '@breakwater/database';
import { JOB_TYPES, VENDOR_TYPES, type VendorType } from '../job-types.js';
import { ScheduleRepository } from '../schedules/schedule.repository.js';
import type { NewSchedule } from '../schedules/schedule.js';
import type { JobHandler, JobOutcome, RunningTask } from '../worker/job-handler.js';
import type { VendorObjects } from './vendor-objects.js';

/** Every hour. */
export const SWEEP_SCHEDULE: NewSchedule = {
  vendorType: 'EXECUTION_SWEEP',
  vendorId: -1,
  cronType: 'Custom',
  cron: '0 0 * * * *',
};

/**
 * Removes ended executions, with their tasks and logs: of each vendor object those beyond what is kept, and all of
 * objects that are gone, with their schedules. What still runs for one that is gone ends by itself, and goes next time.
 */
export class ExecutionSweep implements JobHandler {
  private readonly schedules = new ScheduleRepository();

  constructor(
    private readonly database: Database,
    private readonly objects: VendorObjects,
  ) {}

  async run(task: RunningTask): Promise<JobOutcome> {
    const swept = { executions: 0, schedules: 0 };
    for (const type of VENDOR_TYPES)
      for await (const ids of this.objectsOf(type)) {
        swept.executions += await this.removeExecutions(type, ids, JOB_TYPES[type].retainedExecutions, task.signal);
        const gone = await this.objects.gone(this.database, type, ids);
        if (gone.length === 0) continue;
        swept.executions += await this.removeExecutions(type, gone, 0, task.signal);
        swept.schedules += await this.database.unitOfWork.run((tx) => this.schedules.remove(tx, type, gone));
        task.progress(swept.executions, 0);
      }
    const { executions, schedules } = swept;
    return { statusMessage: `${executions} executions and ${schedules} schedules were removed` };
  }

  /** Those that have an execution or a schedule, some at a time. */
  private async *objectsOf(type: VendorType): AsyncGenerator<readonly number[]> {
    for (let after: number | undefined = SMALLEST; after !== undefined;) {
      const rows: { vendor_id: string }[] = await this.database.rows(OBJECTS_AFTER, [type, after, OBJECTS_AT_ONCE]);
      const ids = rows.map((row) => Number(row.vendor_id));
      if (ids.length > 0) yield ids;
      after = ids.at(-1);
    }
  }

  /** @param kept  ended ones of each object, the newest. */
  private async removeExecutions(
    type: VendorType,
    vendorIds: readonly number[],
    kept: number,
    signal: AbortSignal,
  ): Promise<number> {
    for (let total = 0; ;) {
      signal.throwIfAborted();
      const rows = await this.database.rows(
        `DELETE FROM execution WHERE id IN (
           SELECT id
             FROM (SELECT id, row_number() OVER (PARTITION BY vendor_id ORDER BY id DESC) AS position
                     FROM execution
                    WHERE vendor_type = $1 AND vendor_id = ANY ($2::bigint[]) AND ended_at IS NOT NULL) AS ended
            WHERE position > $3 LIMIT $4)
         RETURNING id`,
        [type, vendorIds, kept, EXECUTIONS_AT_ONCE],
      );
      total += rows.length;
      if (rows.length < EXECUTIONS_AT_ONCE) return total;
    }
  }
}

const OBJECTS_AFTER = `
  (SELECT DISTINCT vendor_id FROM execution WHERE vendor_type = $1 AND vendor_id > $2 ORDER BY vendor_id LIMIT $3)
  UNION
  (SELECT vendor_id FROM schedule WHERE vendor_type = $1 AND vendor_id > $2 ORDER BY vendor_id LIMIT $3)
  ORDER BY vendor_id LIMIT $3`;

/** Below the ids of everything; -1 is the system's. */
const SMALLEST = Number.MIN_SAFE_INTEGER;
const OBJECTS_AT_ONCE = 500;
/** Each may have ten thousand tasks. */
const EXECUTIONS_AT_ONCE = 100;
