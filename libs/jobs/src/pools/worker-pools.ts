import type { Queryable } from '@breakwater/database';
import type { VendorType } from '../job-types.js';

/** A process that runs tasks. */
export interface WorkerPool {
  readonly id: string;
  readonly host: string;
  readonly pid: number;
  /** Tasks that it runs at once. */
  readonly concurrency: number;
  readonly startedAt: Date;
  readonly heartbeatAt: Date;
}

/** A slot of a pool: with a task, or free. */
export interface PoolWorker {
  readonly id: string;
  readonly poolId: string;
  readonly task: {
    readonly id: number;
    readonly type: VendorType;
    readonly startedAt: Date;
    /** What its handler told last. */
    readonly progress: { readonly done: number; readonly total: number; readonly at: Date } | null;
  } | null;
}

/** Who is there to work: rows that live as long as their heart beats. */
export class WorkerPools {
  constructor(private readonly on: Queryable) {}

  /** Registers the pool, or says that it is still there. */
  async beat(pool: Pick<WorkerPool, 'id' | 'host' | 'pid' | 'concurrency'>): Promise<void> {
    await this.on.rows(
      `INSERT INTO worker_pool (id, host, pid, concurrency) VALUES ($1, $2, $3, $4)
       ON CONFLICT (id) DO UPDATE SET heartbeat_at = clock_timestamp() RETURNING id`,
      [pool.id, pool.host, pool.pid, pool.concurrency],
    );
  }

  async remove(poolId: string): Promise<void> {
    await this.on.rows('DELETE FROM worker_pool WHERE id = $1 RETURNING id', [poolId]);
  }

  /** Those that ended without a word. */
  async removeSilent(): Promise<void> {
    await this.on.rows(
      `DELETE FROM worker_pool WHERE heartbeat_at < clock_timestamp() - make_interval(secs => $1) RETURNING id`,
      [SILENT_SECONDS],
    );
  }

  async list(): Promise<WorkerPool[]> {
    const rows = await this.on.rows<PoolRow>(
      `SELECT id, host, pid, concurrency, started_at, heartbeat_at FROM worker_pool
        WHERE heartbeat_at >= clock_timestamp() - make_interval(secs => $1) ORDER BY started_at, id`,
      [SILENT_SECONDS],
    );
    return rows.map((row) => ({
      id: row.id,
      host: row.host,
      pid: row.pid,
      concurrency: row.concurrency,
      startedAt: row.started_at,
      heartbeatAt: row.heartbeat_at,
    }));
  }

  /** Those at work first. @param poolId  null: of every pool. An unknown one has none. */
  async workers(poolId: string | null): Promise<PoolWorker[]> {
    const pools = (await this.list()).filter((pool) => poolId === null || pool.id === poolId);
    const busy = await this.on.rows<BusyRow>(
      `SELECT pool_id, id, type, started_at, progress_done, progress_total, progress_at FROM task
        WHERE status = 'Running' AND pool_id = ANY($1::uuid[]) ORDER BY started_at, id`,
      [pools.map((pool) => pool.id)],
    );
    const byPool = Map.groupBy(busy, (row) => row.pool_id);
    return pools.flatMap((pool) => workersOf(pool, byPool.get(pool.id) ?? []));
  }
}

/** Three heartbeats and a little. */
const SILENT_SECONDS = 45;

function workersOf(pool: WorkerPool, busy: readonly BusyRow[]): PoolWorker[] {
  const free = Math.max(0, pool.concurrency - busy.length);
  return [
    ...busy.map((row) => ({ id: `${pool.id}:${row.id}`, poolId: pool.id, task: taskOf(row) })),
    ...Array.from({ length: free }, (_, index) => ({
      id: `${pool.id}:free-${index + 1}`,
      poolId: pool.id,
      task: null,
    })),
  ];
}

function taskOf(row: BusyRow): NonNullable<PoolWorker['task']> {
  const progress =
    row.progress_at === null
      ? null
      : { done: Number(row.progress_done), total: Number(row.progress_total), at: row.progress_at };
  return { id: Number(row.id), type: row.type, startedAt: row.started_at, progress };
}

interface PoolRow {
  readonly id: string;
  readonly host: string;
  readonly pid: number;
  readonly concurrency: number;
  readonly started_at: Date;
  readonly heartbeat_at: Date;
}

interface BusyRow {
  readonly pool_id: string;
  readonly id: string;
  readonly type: VendorType;
  readonly started_at: Date;
  readonly progress_done: string | null;
  readonly progress_total: string | null;
  readonly progress_at: Date | null;
}
