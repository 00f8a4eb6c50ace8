import { AppError } from '@breakwater/errors';
import type { Logger } from '@breakwater/observability';
import { AckPolicy, DeliverPolicy, type Consumer as PullConsumer, type JsMsg } from '@nats-io/jetstream';
import { nanos } from '@nats-io/nats-core';
import { setTimeout as delay } from 'node:timers/promises';
import type { DeadLetters } from './dead-letters.js';
import type { JetStream } from './jet-stream.js';
import { NeverAnsweredError } from './messaging.errors.js';
import type { StreamName } from './streams.js';

export interface ConsumeOptions {
  readonly stream: StreamName;
  /** Where the reader is, is remembered under this name, for all replicas of it together: one name per reading app. */
  readonly durable: string;
  /** Subjects of interest, e.g. `events.catalog.>`. One pattern: servers before 2.10 take no list. Default: all. */
  readonly subject?: string;
  /**
   * Must be idempotent: a message can come more than once. Returns: it is done. Throws: it comes again, later and
   * later. Throws an AppError of kind `invalid`: trying again will not help, it goes to the dead letters at once.
   */
  readonly handle: (message: ReceivedMessage) => Promise<void>;
  /** Handled at the same time by this process. With 1, the default, in order, except for what has to be repeated. */
  readonly concurrency?: number;
  /** Pauses before the second, third, … delivery. After the last the message goes to the dead letters. */
  readonly backoffMs?: readonly number[];
  /** A process that is silent for so long is taken for dead, and another one gets its message. */
  readonly ackWaitMs?: number;
}

export interface ReceivedMessage {
  readonly subject: string;
  readonly data: Uint8Array;
  /** The same at every delivery. */
  readonly messageId: string;
  /** Counted from 1. */
  readonly deliveries: number;
  /** Aborted when the process wants to end: hand back what can be done later by throwing. */
  readonly signal: AbortSignal;
}

/** What a reader of a stream needs beside it. */
export interface ReadableBus extends Pick<JetStream, 'manager'> {
  readonly isConnected: boolean;
  readonly deadLetters: DeadLetters;
  onUp(listener: () => void): () => void;
}

/** One reader of a stream. Made by `MessageBus.consume`. */
export class Consumer {
  private readonly ending = new AbortController();
  private readonly inFlight = new Set<Promise<void>>();
  private readonly finished: Promise<void>;
  private readonly concurrency: number;
  private readonly backoffMs: readonly number[];
  private readonly ackWaitMs: number;

  constructor(
    private readonly bus: ReadableBus,
    private readonly options: ConsumeOptions,
    private readonly logger: Logger,
  ) {
    this.concurrency = options.concurrency ?? 1;
    this.backoffMs = options.backoffMs ?? DEFAULT_BACKOFF_MS;
    this.ackWaitMs = options.ackWaitMs ?? DEFAULT_ACK_WAIT_MS;
    this.finished = this.run();
  }

  /** Takes no more messages and waits for those that are being handled. */
  async stop(): Promise<void> {
    this.ending.abort();
    await this.finished;
    await Promise.all(this.inFlight);
  }

  private async run(): Promise<void> {
    const { signal } = this.ending;
    while (!signal.aborted) {
      try {
        const pull = await this.pullConsumer();
        for (let outcome: FetchOutcome = 'served'; outcome !== 'was-away' && !signal.aborted;) {
          outcome = await this.fetch(pull);
          // Perhaps the server lost the consumer, which a request for messages does not tell.
          if (outcome === 'nothing') await pull.info();
        }
      } catch (error) {
        if (this.bus.isConnected) this.logger.warn('reading a stream failed; trying on', { ...this.who(), error });
        await delay(RETRY_MS, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  /** Makes the durable consumer, or finds it; its position is kept by the server. */
  private async pullConsumer(): Promise<PullConsumer> {
    const { stream, durable, subject } = this.options;
    const manager = await this.bus.manager();
    const config = {
      ack_policy: AckPolicy.Explicit,
      ack_wait: nanos(this.ackWaitMs),
      // How often is counted here, where the reason is known: the server would drop a message without a word.
      max_deliver: -1,
      // What waits for its next try counts too, and must not hold up the others.
      max_ack_pending: 1_000,
      ...(subject !== undefined && { filter_subject: subject }),
    };
    await manager.consumers
      .add(stream, { ...config, durable_name: durable, deliver_policy: DeliverPolicy.All })
      // It exists with other settings: an earlier version made it.
      .catch(() => manager.consumers.update(stream, durable, config));
    return manager.jetstream().consumers.get(stream, durable);
  }

  /** Takes what comes within `FETCH_MS`. */
  private async fetch(pull: PullConsumer): Promise<FetchOutcome> {
    const free = this.concurrency - this.inFlight.size;
    if (free <= 0) {
      await Promise.race(this.inFlight);
      return 'served';
    }
    const batch = await pull.fetch({ max_messages: free, expires: FETCH_MS });
    let outcome: FetchOutcome = 'nothing';
    const close = (): void => void batch.close();
    const { signal } = this.ending;
    signal.addEventListener('abort', close, { once: true });
    if (signal.aborted) close();
    const forget = this.bus.onUp(() => {
      outcome = 'was-away';
      close();
    });
    try {
      for await (const message of batch) {
        if (outcome === 'nothing') outcome = 'served';
        const handled = this.process(message).finally(() => this.inFlight.delete(handled));
        this.inFlight.add(handled);
      }
    } finally {
      forget();
      signal.removeEventListener('abort', close);
    }
    return outcome;
  }

  /** Never rejects: what cannot be answered comes again after `ackWaitMs`. */
  private async process(message: JsMsg): Promise<void> {
    const received = this.receivedFrom(message);
    const { deliveries, messageId } = received;
    if (deliveries > this.backoffMs.length + 1)
      return this.bury(message, received, new NeverAnsweredError(deliveries - 1));
    const alive = setInterval(() => message.working(), this.ackWaitMs / 3);
    try {
      await this.options.handle(received);
      message.ack();
    } catch (error) {
      const pauseMs = isHopeless(error) ? undefined : this.backoffMs[deliveries - 1];
      if (pauseMs === undefined) return await this.bury(message, received, error);
      this.logger.warn('a message was not handled; it comes again', { ...this.who(), messageId, deliveries, error });
      message.nak(pauseMs);
    } finally {
      clearInterval(alive);
    }
  }

  private async bury(message: JsMsg, received: ReceivedMessage, error: unknown): Promise<void> {
    const { subject, messageId, deliveries, data } = received;
    this.logger.error('a message was given up', { ...this.who(), subject, messageId, deliveries, error });
    const text = Buffer.from(data).toString('utf8');
    try {
      await this.bus.deadLetters.add({ givenUpBy: this.options.durable, subject, messageId, deliveries, text, error });
      message.term();
    } catch (unavailable) {
      this.logger.warn('a dead letter could not be kept; the message comes again', { messageId, error: unavailable });
    }
  }

  private receivedFrom(message: JsMsg): ReceivedMessage {
    const { subject, data, info, seq, headers } = message;
    const messageId = headers?.get(MESSAGE_ID_HEADER) || `${info.stream}:${seq}`;
    return { subject, data, messageId, deliveries: info.deliveryCount, signal: this.ending.signal };
  }

  private who(): object {
    return { stream: this.options.stream, consumer: this.options.durable };
  }
}

const MESSAGE_ID_HEADER = 'Nats-Msg-Id';
/** `was-away`: NATS was, and its server knows nothing of our requests any more. */
type FetchOutcome = 'served' | 'nothing' | 'was-away';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const DEFAULT_BACKOFF_MS = [SECOND_MS, 5 * SECOND_MS, 30 * SECOND_MS, 2 * MINUTE_MS, 10 * MINUTE_MS];
const DEFAULT_ACK_WAIT_MS = 30 * SECOND_MS;
const RETRY_MS = 500;
const FETCH_MS = 5 * SECOND_MS;

function isHopeless(error: unknown): boolean {
  return error instanceof AppError && error.kind === 'invalid';
}
