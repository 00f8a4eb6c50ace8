import { randomUUID } from 'node:crypto';
import type { PreparedStatement, Transaction } from './transaction.js';

/** An event of `@breakwater/contracts`, or anything with a subject. */
export interface OutboxEvent {
  /** e.g. `events.catalog.artifact-pushed.v1`. */
  readonly subject: string;
  readonly payload: object;
  /** Events of one key reach a reader in the order of their transactions, e.g. `team/app@sha256:…`. */
  readonly key: string;
}

/**
 * Is told of events inside of the transaction that makes them true, so that what it writes is true with them or not at
 * all. One that throws rolls everything back.
 */
export interface OutboxObserver {
  /** @param events  of one call of `Outbox.add`, in their order; never empty. */
  observe(tx: Transaction, events: readonly OutboxEvent[]): Promise<void>;
}

/**
 * Facts to be told, written in the transaction that makes them true. The relay (libs/messaging) publishes
 * and deletes them; while NATS is down they wait here.
 */
export class Outbox {
  /**
   * @param wake  tells the relay that there is work; losing the call costs at most its poll interval.
   * @param observers  in the order in which they are told, e.g. the audit log.
   */
  constructor(
    private readonly wake: () => void = () => undefined,
    private readonly observers: readonly OutboxObserver[] = [],
  ) {}

  /**
   * Call it after the row that orders the key is locked: ids are then handed out in commit order per key,
   * which is the order the relay publishes in.
   */
  async add(tx: Transaction, ...events: readonly OutboxEvent[]): Promise<void> {
    if (events.length === 0) return;
    tx.enqueue(INSERT, [
      events.map(() => randomUUID()),
      events.map((event) => event.subject),
      events.map((event) => event.key),
      events.map((event) => JSON.stringify(event.payload)),
    ]);
    for (const observer of this.observers) await observer.observe(tx, events);
    tx.onCommit(this.wake);
  }
}

const INSERT: PreparedStatement = {
  name: 'database.insert-events',
  text: `INSERT INTO outbox_event (message_id, subject, key, payload)
         SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::jsonb[])`,
};
