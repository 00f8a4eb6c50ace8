import { BatchedLookup, DatabaseContentionError, DatabaseUnavailableError } from '@breakwater/database';
import type { Logger } from '@breakwater/observability';
import { setTimeout as delay } from 'node:timers/promises';
import type { AttemptRecord, QueueRepository } from './queue.repository.js';

/**
 * Writes outcomes down, those that come together in one statement. While the database is away an outcome waits: what
 * was delivered and is not written down would be delivered again.
 */
export class Recorder {
  private readonly batch: BatchedLookup<AttemptRecord, void>;

  /** @param signal  ends the waiting: the process ends. */
  constructor(
    private readonly queue: Pick<QueueRepository, 'record'>,
    private readonly logger: Logger,
    private readonly signal: AbortSignal,
  ) {
    this.batch = new BatchedLookup({ find: (records) => this.write(records), maxBatch: 256, concurrency: 2 });
  }

  /** Never rejects; resolves when it is written, or can never be. */
  async record(record: AttemptRecord): Promise<void> {
    await this.batch.get(record);
  }

  private async write(records: readonly AttemptRecord[]): Promise<void[]> {
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
      try {
        await this.queue.record(records);
        return records.map(() => undefined);
      } catch (error) {
        if (!isPassing(error)) return this.writeEach(records, error);
        if (this.signal.aborted) return this.giveUp(records, error);
        await delay(pauseMs, undefined, { signal: this.signal }).catch(() => undefined);
      }
    }
  }

  /** One that cannot be written must not take the others with it. */
  private async writeEach(records: readonly AttemptRecord[], error: unknown): Promise<void[]> {
    if (records.length <= 1) return this.giveUp(records, error);
    return (await Promise.all(records.map((record) => this.write([record])))).flat();
  }

  private giveUp(records: readonly AttemptRecord[], error: unknown): void[] {
    const deliveries = records.map(({ deliveryId }) => deliveryId);
    this.logger.error('outcomes of deliveries were not written down; they are tried again', { deliveries, error });
    return records.map(() => undefined);
  }
}

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2_000;

function isPassing(error: unknown): boolean {
  return error instanceof DatabaseUnavailableError || error instanceof DatabaseContentionError;
}
