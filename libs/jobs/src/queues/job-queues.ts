import type { Database } from '@breakwater/database';
import type { JobNews } from '../job-news.js';
import { isVendorType, SCHEDULER_QUEUE, VENDOR_TYPES, type QueueType } from '../job-types.js';
import type { JobNotifier } from '../ports.js';

/** What waits of one type of job. */
export interface JobQueue {
  readonly type: QueueType;
  /** Tasks that wait, those for their next try included. */
  readonly waitingCount: number;
  /** How long the oldest one waits that could run; 0 for none. */
  readonly latencySeconds: number;
  readonly isPaused: boolean;
}

/** Queues, and their brakes. What is paused is not begun; what runs goes on. */
export class JobQueues {
  constructor(
    private readonly database: Database,
    private readonly notifier: JobNotifier,
    private readonly news: JobNews,
  ) {}

  /** All of them, empty ones included, by name. */
  async list(): Promise<JobQueue[]> {
    const rows = await this.database.rows<{ type: string; waiting: number; latency: number; is_paused: boolean }>(
      `SELECT type, coalesce(waiting, 0)::integer AS waiting, coalesce(latency, 0)::integer AS latency,
              coalesce(is_paused, false) AS is_paused
         FROM unnest($1::text[]) AS known (type)
         LEFT JOIN (SELECT type, count(*) AS waiting,
                           greatest(0, floor(extract(epoch FROM clock_timestamp() - min(due_at)))) AS latency
                      FROM task WHERE status IN ('Pending', 'Scheduled') GROUP BY type) AS waiting USING (type)
         LEFT JOIN job_queue USING (type)
        ORDER BY type COLLATE "C"`,
      [QUEUES],
    );
    return rows.map((row) => ({
      type: row.type as QueueType,
      waitingCount: row.waiting,
      latencySeconds: row.latency,
      isPaused: row.is_paused,
    }));
  }

  async isPaused(type: QueueType): Promise<boolean> {
    const [row] = await this.database.rows<{ is_paused: boolean }>('SELECT is_paused FROM job_queue WHERE type = $1', [
      type,
    ]);
    return row?.is_paused ?? false;
  }

  /** @param by  name of the principal. */
  async pause(by: string, type: QueueType | 'all'): Promise<void> {
    await this.set(by, type, true);
  }

  async resume(by: string, type: QueueType | 'all'): Promise<void> {
    await this.set(by, type, false);
    this.notifier.workWaiting();
  }

  private async set(by: string, type: QueueType | 'all', isPaused: boolean): Promise<void> {
    await this.database.unitOfWork.run(async (tx) => {
      await tx.execute(
        `INSERT INTO job_queue (type, is_paused) SELECT type, $2 FROM unnest($1::text[]) AS known (type)
         ON CONFLICT (type) DO UPDATE SET is_paused = $2, updated_at = now()`,
        [type === 'all' ? QUEUES : [type], isPaused],
      );
      await this.news.queueSet(tx, by, type, isPaused);
    });
  }
}

const QUEUES: readonly QueueType[] = [...VENDOR_TYPES, SCHEDULER_QUEUE];

export function isQueueType(text: string): text is QueueType {
  return text === SCHEDULER_QUEUE || isVendorType(text);
}
