import type { Transaction } from '@breakwater/database';
import type { QueueType } from '../job-types.js';
import type { JobHooks } from './job-hooks.js';
import { ENDED_COLUMNS, endedTaskOf, type EndedTaskRow } from './task-row.js';

export type TaskScope =
  | { readonly executionId: number }
  | { readonly taskId: number }
  | { readonly running: true }
  | { readonly waitingOf: QueueType | 'all' };

/** Ends tasks that wait, and asks for the end of those that run. */
export class TaskStopping {
  constructor(private readonly hooks: JobHooks) {}

  /** @returns how many of `limit` were found, and those of them that run. */
  async stop(
    tx: Transaction,
    scope: TaskScope,
    limit: number,
  ): Promise<{ readonly touched: number; readonly running: readonly number[] }> {
    const { where, params } = conditionOf(scope);
    // One statement for both: a task that is claimed or handed back meanwhile is found in its new state.
    const rows = await tx.rows<EndedTaskRow>(
      `WITH found AS (
         SELECT id FROM task WHERE ${where} AND NOT is_stop_requested
          ORDER BY id LIMIT $1 FOR UPDATE),
       stopped AS (
         UPDATE task
            SET is_stop_requested = true, updated_at = clock_timestamp(),
                status = CASE status WHEN 'Running' THEN 'Running' ELSE 'Stopped' END,
                ended_at = CASE status WHEN 'Running' THEN NULL ELSE clock_timestamp() END
           FROM found WHERE task.id = found.id
         RETURNING ${ENDED_COLUMNS}, old.status AS status_before),
       told AS (
         INSERT INTO execution_change (execution_id, pending, scheduled, stopped)
         SELECT execution_id, -count(*) FILTER (WHERE status_before = 'Pending'),
                -count(*) FILTER (WHERE status_before = 'Scheduled'), count(*)
           FROM stopped WHERE status = 'Stopped' GROUP BY execution_id)
       SELECT * FROM stopped ORDER BY id`,
      [limit, ...params],
    );
    const ended = rows.filter((row) => row.status === 'Stopped');
    await this.hooks.tasksEnded(tx, ended.map(endedTaskOf));
    const running = rows.filter((row) => row.status === 'Running').map((row) => Number(row.id));
    return { touched: rows.length, running };
  }
}

function conditionOf(scope: TaskScope): { readonly where: string; readonly params: readonly (number | string)[] } {
  const active = `status IN ('Pending', 'Scheduled', 'Running')`;
  const waiting = `status IN ('Pending', 'Scheduled')`;
  if ('executionId' in scope) return { where: `${active} AND execution_id = $2`, params: [scope.executionId] };
  if ('taskId' in scope) return { where: `${active} AND id = $2`, params: [scope.taskId] };
  if ('running' in scope) return { where: `status = 'Running'`, params: [] };
  return scope.waitingOf === 'all'
    ? { where: waiting, params: [] }
    : { where: `${waiting} AND type = $2`, params: [scope.waitingOf] };
}
