import { cloudEvent, OutboxFilled } from '@breakwater/contracts';
import type { Database, Transaction } from '@breakwater/database';
import type { Logger, Metrics } from '@breakwater/observability';
import { setTimeout as delay } from 'node:timers/promises';
import type { MessageBus } from './message-bus.js';
import { MessageTooLargeError, NoStreamError } from './messaging.errors.js';
import { WakeSignal } from './wake-signal.js';

export interface OutboxRelayOptions {
  readonly database: Pick<Database, 'rows' | 'unitOfWork'>;
  readonly bus: MessageBus;
  readonly logger: Logger;
  readonly metrics?: Metrics;
  /** Rows of one round; also the most that are read into memory. Default 500. */
  readonly batchSize?: number;
  /** How long a row waits at most whose wake-up was lost. Default 1000. */
  readonly pollMs?: number;
}

/**
 * Publishes what the outbox holds and deletes it once JetStream has it.
 *
 * - At least once: rows go only after the server's acknowledgement. A repeat, after a crash between the two, has the
 *   same message id, by which the server (for ten minutes) and the readers recognise it.
 * - In order per key: a row is sent when its predecessor of the same key is acknowledged, and one relay works at a
 *   time, over all replicas. Should a relay lose its lock unnoticed (its connection broke), both send the same rows in
 *   the same order and the server drops the repeats.
 * - While NATS is down nothing is read or locked: rows wait in the table.
 */
export class OutboxRelay {
  private readonly signal = new WakeSignal();
  private readonly batchSize: number;
  private readonly pollMs: number;
  private readonly published: (count: number) => void;
  private readonly ending = new AbortController();
  private finished: Promise<void> | null = null;
  private stopListening: () => void = () => undefined;

  constructor(private readonly options: OutboxRelayOptions) {
    this.batchSize = options.batchSize ?? 500;
    this.pollMs = options.pollMs ?? 1_000;
    this.published = options.metrics ? measure(options.metrics, options.database) : () => undefined;
  }

  start(): void {
    const { bus } = this.options;
    const wake = (): void => this.signal.wake();
    const listening = [bus.onNotice(OutboxFilled, wake), bus.onUp(wake)];
    this.stopListening = () => listening.forEach((stop) => stop());
    this.finished = this.run();
  }

  /** Finishes the round under way. */
  async stop(): Promise<void> {
    this.ending.abort();
    this.stopListening();
    this.signal.wake();
    await this.finished;
  }

  private async run(): Promise<void> {
    let pauseMs = this.pollMs;
    let isWoken = false;
    while (!this.ending.signal.aborted) {
      try {
        const beganAtMs = performance.now();
        // A full round means that more is waiting.
        while ((await this.round(isWoken)) === 'more' && !this.ending.signal.aborted);
        pauseMs = this.pollMs;
        if (this.ending.signal.aborted) return;
        isWoken = await this.signal.sleep(pauseMs);
        // The first event after a silence goes at once. Those that follow closely travel together: a round costs about
        // the same for one as for twenty.
        if (isWoken) await this.pause(beganAtMs + GATHER_MS - performance.now());
      } catch (error) {
        pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
        this.options.logger.warn('the outbox could not be emptied; trying on', { error, pauseMs });
        // Not to be woken: each new event would start another round that fails.
        await this.pause(pauseMs);
      }
    }
  }

  private async pause(ms: number): Promise<void> {
    if (ms > 0) await delay(ms, undefined, { signal: this.ending.signal }).catch(() => undefined);
  }

  private async round(isWoken: boolean): Promise<'more' | 'done'> {
    const { bus, database } = this.options;
    if (!bus.isConnected) return 'done';
    // Asked first without a transaction: the rounds that nobody asked for mostly end here.
    if (!isWoken && (await database.rows(ANY_WAITING)).length === 0) return 'done';
    const { failure, isFull } = await database.unitOfWork.run((tx) => this.relay(tx));
    // Thrown after the commit: what was published meanwhile is deleted all the same.
    if (failure !== null) throw failure;
    return isFull ? 'more' : 'done';
  }

  private async relay(tx: Transaction): Promise<{ failure: Error | null; isFull: boolean }> {
    const [lock] = await tx.rows<{ held: boolean }>(LOCK, [RELAY_LOCK]);
    if (!lock?.held) return { failure: null, isFull: false };
    const rows = await tx.rows<OutboxRow>(READ_EVENTS, [this.batchSize]);
    const { done, failure } = await this.publish(rows);
    if (done.length > 0) tx.enqueue(DELETE_EVENTS, [done]);
    this.published(done.length);
    return { failure, isFull: rows.length === this.batchSize };
  }

  /** Keys side by side; the rows of a key one after the other, and none after one that failed. */
  private async publish(rows: readonly OutboxRow[]): Promise<{ done: string[]; failure: Error | null }> {
    const done: string[] = [];
    let failure: Error | null = null;
    const byKey = Map.groupBy(rows, (row) => row.key);
    await Promise.all(
      [...byKey.values()].map(async (ofKey) => {
        try {
          for (const row of ofKey) {
            await this.publishOne(row);
            done.push(row.id);
          }
        } catch (error) {
          failure = error as Error;
        }
      }),
    );
    return { done, failure };
  }

  private async publishOne(row: OutboxRow): Promise<void> {
    const { bus, logger } = this.options;
    const { message_id: messageId, subject } = row;
    const event = cloudEvent({ ...row, id: messageId, time: row.created_at });
    try {
      await bus.store(subject, event, { messageId });
    } catch (error) {
      if (!(error instanceof MessageTooLargeError) && !(error instanceof NoStreamError)) throw error;
      // It would fail for ever, and hold up its key for as long.
      logger.error('an event can never be published; it goes to the dead letters', { messageId, subject, error });
      const text = JSON.stringify(event);
      await bus.deadLetters.add({ givenUpBy: 'outbox-relay', subject, messageId, deliveries: 1, text, error });
    }
  }
}

/**
 * What this transaction deletes need not be on the disk when it commits: rows that come back after a crash of PostgreSQL
 * are published again, and known by their message ids.
 */
const LOCK = {
  name: 'outbox.take-lock',
  text: `SELECT pg_try_advisory_xact_lock($1) AS held, set_config('synchronous_commit', 'off', true)`,
};

/** Arbitrary, but the same in every version: two relays of any two versions must exclude each other. */
const RELAY_LOCK = 7_306_020;
const LONGEST_PAUSE_MS = 10_000;
/** Between the beginnings of two rounds; also what an event waits longer at most. */
const GATHER_MS = 20;

const ANY_WAITING = { name: 'outbox.any-waiting', text: 'SELECT 1 FROM outbox_event LIMIT 1' };

/** Planned each time, not prepared: what is right for a few rows is not for a backlog of millions. */
const READ_EVENTS = 'SELECT id, message_id, subject, key, payload, created_at FROM outbox_event ORDER BY id LIMIT $1';
const DELETE_EVENTS = 'DELETE FROM outbox_event WHERE id = ANY($1::bigint[])';

interface OutboxRow {
  /** bigint, as the driver gives it. */
  readonly id: string;
  readonly message_id: string;
  readonly subject: string;
  readonly key: string;
  readonly payload: object;
  readonly created_at: Date;
}

function measure(metrics: Metrics, database: Pick<Database, 'rows'>): (count: number) => void {
  const counter = metrics.counter({ name: 'outbox_published_total', help: 'Events handed to JetStream.', labels: {} });
  const oldest = { name: 'outbox_oldest_event_age_seconds', help: 'How long the oldest event waits; 0 for none.' };
  metrics.observedGauge(oldest, async () => {
    const [row] = await database.rows<{ age: number }>(
      `SELECT extract(epoch FROM clock_timestamp() - created_at)::float8 AS age
         FROM outbox_event ORDER BY id LIMIT 1`,
    );
    return row?.age ?? 0;
  });
  return (count) => counter.add({}, count);
}
