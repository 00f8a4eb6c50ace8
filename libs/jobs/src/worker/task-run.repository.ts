import type { Queryable, Transaction } from '@breakwater/database';
import type { JsonObject } from '../executions/execution.js';
import type { VendorType } from '../job-types.js';
import { ENDED_COLUMNS, type EndedTaskRow } from '../tasks/task-row.js';

/** A task that this pool has claimed, with what tells this run from every other one. */
export interface ClaimedTask {
  readonly id: number;
  readonly executionId: number;
  readonly type: VendorType;
  readonly parameters: JsonObject;
  readonly extraAttributes: JsonObject;
  readonly executionExtraAttributes: JsonObject;
  readonly runCount: number;
  readonly failureCount: number;
}

/**
 * How a run ended. `retry`: has failed and comes again; `back`: handed back unharmed; `lost`: like it, by no fault of
 * the task that we know, and counted. A stop that was asked for meanwhile wins over coming again.
 */
export type Verdict = 'success' | 'error' | 'stopped' | 'retry' | 'back' | 'lost';

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
  /** Which of these types have something to begin, paused ones aside. */
  async dueTypes(on: Queryable, types: readonly VendorType[]): Promise<VendorType[]> {
    const rows = await on.rows<{ type: VendorType }>({ name: 'job-due-types', text: DUE_TYPES }, [types]);
    return rows.map((row) => row.type);
  }

  /** Takes up to `limit` tasks, those of a usual priority and the oldest first. */
  async claim(database: Queryable, lease: Lease, type: VendorType, limit: number): Promise<ClaimedTask[]> {
    const values = [lease.poolId, lease.seconds, type, limit];
    return (await database.rows<ClaimedRow>({ name: 'job-claim', text: CLAIM }, values)).map(claimedTaskOf);
  }

  /** The same for a type of which only so many may run at a time, over all replicas. */
  async claimWithin(
    tx: Transaction,
    lease: Lease,
    type: VendorType,
    { limit, maxRunning }: { readonly limit: number; readonly maxRunning: number },
  ): Promise<ClaimedTask[]> {
    // Whoever claims of this type does so alone, from the count to the commit.
    await tx.rows('SELECT pg_advisory_xact_lock($1, hashtext($2))', [CLAIM_LOCK, type]);
    const [row] = await tx.rows<{ count: number }>(
      `SELECT count(*)::integer AS count FROM task WHERE type = $1 AND status = 'Running'`,
      [type],
    );
    const room = Math.min(limit, maxRunning - (row?.count ?? 0));
    if (room <= 0) return [];
    return (
      await tx.rows<ClaimedRow>({ name: 'job-claim', text: CLAIM }, [lease.poolId, lease.seconds, type, room])
    ).map(claimedTaskOf);
  }

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

export interface Lease {
  readonly poolId: string;
  readonly seconds: number;
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

/** Arbitrary, but the same in every version; the second half is the type. */
const CLAIM_LOCK = 7_306_024;

const DUE_TYPES = `
  SELECT type FROM unnest($1::text[]) AS known (type)
   WHERE EXISTS (SELECT FROM task WHERE task.type = known.type AND status IN ('Pending', 'Scheduled')
                    AND due_at <= clock_timestamp())
     AND NOT EXISTS (SELECT FROM job_queue WHERE job_queue.type = known.type AND is_paused)`;

const CLAIM = `
  WITH due AS (
         SELECT id FROM task
          WHERE type = $3 AND status IN ('Pending', 'Scheduled') AND due_at <= clock_timestamp()
            AND NOT EXISTS (SELECT FROM job_queue WHERE job_queue.type = $3 AND is_paused)
          ORDER BY priority, due_at, id LIMIT $4 FOR UPDATE SKIP LOCKED),
       claimed AS (
         UPDATE task
            SET status = 'Running', run_count = run_count + 1, pool_id = $1::uuid,
                lease_until = clock_timestamp() + make_interval(secs => $2), updated_at = clock_timestamp(),
                started_at = coalesce(started_at, clock_timestamp()), progress_done = NULL, progress_total = NULL,
                progress_at = NULL
           FROM due WHERE task.id = due.id
         RETURNING task.id, task.execution_id, task.type, task.priority, task.parameters, task.extra_attributes,
                   task.run_count, task.failure_count, old.status AS status_before),
       told AS (
         INSERT INTO execution_change (execution_id, pending, scheduled, running)
         SELECT execution_id, -count(*) FILTER (WHERE status_before = 'Pending'),
                -count(*) FILTER (WHERE status_before = 'Scheduled'), count(*)
           FROM claimed GROUP BY execution_id)
  SELECT claimed.*, execution.extra_attributes AS execution_extra_attributes
    FROM claimed JOIN execution ON execution.id = claimed.execution_id
   ORDER BY claimed.priority, claimed.id`;

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
                             WHEN verdict = 'retry' THEN 'Scheduled'
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

interface ClaimedRow {
  readonly id: string;
  readonly execution_id: string;
  readonly type: VendorType;
  readonly parameters: JsonObject;
  readonly extra_attributes: JsonObject;
  readonly execution_extra_attributes: JsonObject;
  readonly run_count: number;
  readonly failure_count: number;
}

function claimedTaskOf(row: ClaimedRow): ClaimedTask {
  return {
    id: Number(row.id),
    executionId: Number(row.execution_id),
    type: row.type,
    parameters: row.parameters,
    extraAttributes: row.extra_attributes,
    executionExtraAttributes: row.execution_extra_attributes,
    runCount: row.run_count,
    failureCount: row.failure_count,
  };
}

const LONGEST_MESSAGE = 4_000;

/** What PostgreSQL can hold, and a list can show. */
function storable(message: string): string {
  return message.slice(0, LONGEST_MESSAGE).replaceAll('\0', '');
}
