import type { Queryable, Transaction } from '@breakwater/database';
import type { JsonObject } from '../executions/execution.js';
import type { Lease } from './task-claim.repository.js';
import { ENDED_COLUMNS, type EndedTaskRow } from '../tasks/task-row.js';

/**
 * How a run ended. `retry`: has failed and comes again; `postponed`: comes again later without having failed; `back`:
 * handed back unharmed; `lost`: like it, by no fault of the task that we know, and counted. A stop that was asked for
 * meanwhile wins over coming again.
 */
export type Verdict = 'success' | 'error' | 'stopped' | 'retry' | 'postponed' | 'back' | 'lost';

export interface RunEnd {
  readonly id: number;
  readonly runCount: number;
  readonly verdict: Verdict;
  readonly message: string;
  /** Before it may be begun again. */
  readonly pauseSeconds: number;
}

/** Running tasks in table `task`: every write is conditional on the run still being the one that the row names. */
export class TaskRunRepository {
  /** Writes how runs ended. @returns those that were still this pool's, in their new state. */
  end(on: Queryable, poolId: string, ends: readonly RunEnd[]): Promise<EndedTaskRow[]> {
    return on.rows<EndedTaskRow>({ name: 'job-end', text: END }, [
      poolId,
      ends.map((end) => end.id),
      ends.map((end) => end.runCount),
      ends.map((end) => end.verdict),
      ends.map((end) => storable(end.message)),
      ends.map((end) => end.pauseSeconds),
    ]);
  }

  /** What this pool runs stays its own for so long. Rows that are just being ended are left alone. */
  async renew(on: Queryable, { poolId, seconds }: Lease, taskIds: readonly number[]): Promise<void> {
    await on.rows(
      `WITH mine AS (
         SELECT id FROM task WHERE id = ANY($2::bigint[]) AND pool_id = $1 AND status = 'Running'
          ORDER BY id FOR UPDATE SKIP LOCKED)
       UPDATE task SET lease_until = clock_timestamp() + make_interval(secs => $3)
         FROM mine WHERE task.id = mine.id RETURNING task.id`,
      [poolId, taskIds, seconds],
    );
  }

  /** Of these runs, those that somebody wants stopped, and those that are not this pool's any more. */
  async interrupted(
    on: Queryable,
    poolId: string,
    runs: readonly { readonly id: number; readonly runCount: number }[],
  ): Promise<{ readonly id: number; readonly isLost: boolean }[]> {
    const rows = await on.rows<{ id: string; is_lost: boolean }>(
      `SELECT run.id, task.id IS NULL AS is_lost
         FROM unnest($2::bigint[], $3::integer[]) AS run (id, run_count)
         LEFT JOIN task ON task.id = run.id AND task.run_count = run.run_count AND task.pool_id = $1
                       AND task.status = 'Running'
        WHERE task.id IS NULL OR task.is_stop_requested`,
      [poolId, runs.map((run) => run.id), runs.map((run) => run.runCount)],
    );
    return rows.map((row) => ({ id: Number(row.id), isLost: row.is_lost }));
  }

  async noteProgress(on: Queryable, poolId: string, progress: readonly NotedProgress[]): Promise<void> {
    await on.rows(
      `WITH noted AS (
         SELECT task.id, note.done, note.total
           FROM task JOIN unnest($2::bigint[], $3::bigint[], $4::bigint[]) AS note (id, done, total) USING (id)
          WHERE task.pool_id = $1 AND task.status = 'Running' ORDER BY task.id FOR UPDATE OF task SKIP LOCKED)
       UPDATE task SET progress_done = noted.done, progress_total = noted.total,
                       progress_at = clock_timestamp(), updated_at = clock_timestamp()
         FROM noted WHERE task.id = noted.id RETURNING task.id`,
      [poolId, progress.map((note) => note.id), progress.map((note) => note.done), progress.map((note) => note.total)],
    );
  }

  /** @returns whether the run still has its task. */
  async remember(
    on: Queryable,
    poolId: string,
    run: { readonly id: number; readonly runCount: number },
    attributes: JsonObject,
  ): Promise<boolean> {
    const rows = await on.rows(
      `UPDATE task SET extra_attributes = extra_attributes || $4::jsonb, updated_at = clock_timestamp()
        WHERE id = $1 AND run_count = $2 AND pool_id = $3 AND status = 'Running' RETURNING id`,
      [run.id, run.runCount, poolId, JSON.stringify(attributes)],
    );
    return rows.length > 0;
  }

  /** Tasks whose worker has not been heard of for the time of its lease. They stay locked. */
  async lockLost(tx: Transaction, limit: number): Promise<LostTask[]> {
    const rows = await tx.rows<{ id: string; pool_id: string; run_count: number; loss_count: number }>(
      `SELECT id, pool_id, run_count, loss_count FROM task
        WHERE status = 'Running' AND lease_until < clock_timestamp()
        ORDER BY lease_until LIMIT $1 FOR UPDATE SKIP LOCKED`,
      [limit],
    );
    return rows.map((row) => ({
      id: Number(row.id),
      poolId: row.pool_id,
      runCount: row.run_count,
      lossCount: row.loss_count,
    }));
  }

  /** Looked at again only after so long. */
  async postpone(on: Queryable, taskIds: readonly number[], seconds: number): Promise<void> {
    await on.rows(
      `UPDATE task SET lease_until = clock_timestamp() + make_interval(secs => $2)
        WHERE id = ANY($1::bigint[]) AND status = 'Running' RETURNING id`,
      [taskIds, seconds],
    );
  }
}

export interface NotedProgress {
  readonly id: number;
  readonly done: number;
  readonly total: number;
}

export interface LostTask {
  readonly id: number;
  readonly poolId: string;
  readonly runCount: number;
  readonly lossCount: number;
}

const END = `
  WITH mine AS (
         SELECT task.id, task.is_stop_requested, run.verdict, run.message, run.pause_seconds
           FROM task
           JOIN unnest($2::bigint[], $3::integer[], $4::text[], $5::text[], $6::float8[])
                AS run (id, run_count, verdict, message, pause_seconds) USING (id)
          WHERE task.pool_id = $1::uuid AND task.run_count = run.run_count AND task.status = 'Running'
          ORDER BY task.id FOR UPDATE OF task),
       judged AS (
         SELECT mine.*, CASE WHEN verdict = 'success' THEN 'Success'
                             WHEN verdict = 'error' THEN 'Error'
                             WHEN verdict = 'stopped' OR is_stop_requested THEN 'Stopped'
                             WHEN verdict IN ('retry', 'postponed') THEN 'Scheduled'
                             ELSE 'Pending' END AS status
           FROM mine),
       ended AS (
         UPDATE task
            SET status = judged.status, status_message = judged.message, pool_id = NULL, lease_until = NULL,
                failure_count = failure_count + CASE WHEN verdict IN ('retry', 'error') THEN 1 ELSE 0 END,
                loss_count = loss_count + CASE WHEN verdict = 'lost' THEN 1 ELSE 0 END,
                due_at = CASE WHEN judged.status IN ('Scheduled', 'Pending')
                              THEN clock_timestamp() + make_interval(secs => pause_seconds) ELSE due_at END,
                ended_at = CASE WHEN judged.status IN ('Scheduled', 'Pending') THEN NULL ELSE clock_timestamp() END,
                updated_at = clock_timestamp()
           FROM judged WHERE task.id = judged.id
         RETURNING ${ENDED_COLUMNS}),
       told AS (
         INSERT INTO execution_change (execution_id, running, pending, scheduled, success, error, stopped)
         SELECT execution_id, -count(*), count(*) FILTER (WHERE status = 'Pending'),
                count(*) FILTER (WHERE status = 'Scheduled'), count(*) FILTER (WHERE status = 'Success'),
                count(*) FILTER (WHERE status = 'Error'), count(*) FILTER (WHERE status = 'Stopped')
           FROM ended GROUP BY execution_id)
  SELECT * FROM ended`;

const LONGEST_MESSAGE = 4_000;

/** What PostgreSQL can hold, and a list can show. */
function storable(message: string): string {
  return message.slice(0, LONGEST_MESSAGE).replaceAll('\0', '');
}
