import type { Queryable, Transaction } from '@breakwater/database';
import type { JsonObject } from '../executions/execution.js';
import type { VendorType } from '../job-types.js';

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
  /** Since it was submitted. */
  readonly ageSeconds: number;
}

export interface Lease {
  readonly poolId: string;
  readonly seconds: number;
}

/** How tasks come to a worker: by a claim of their rows, each by one worker alone. */
export class TaskClaimRepository {
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
                   task.run_count, task.failure_count, old.status AS status_before,
                   extract(epoch FROM clock_timestamp() - task.created_at)::float8 AS age_seconds),
       told AS (
         INSERT INTO execution_change (execution_id, pending, scheduled, running)
         SELECT execution_id, -count(*) FILTER (WHERE status_before = 'Pending'),
                -count(*) FILTER (WHERE status_before = 'Scheduled'), count(*)
           FROM claimed GROUP BY execution_id)
  SELECT claimed.*, execution.extra_attributes AS execution_extra_attributes
    FROM claimed JOIN execution ON execution.id = claimed.execution_id
   ORDER BY claimed.priority, claimed.id`;

interface ClaimedRow {
  readonly id: string;
  readonly execution_id: string;
  readonly type: VendorType;
  readonly parameters: JsonObject;
  readonly extra_attributes: JsonObject;
  readonly execution_extra_attributes: JsonObject;
  readonly run_count: number;
  readonly failure_count: number;
  readonly age_seconds: number;
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
    ageSeconds: row.age_seconds,
  };
}
