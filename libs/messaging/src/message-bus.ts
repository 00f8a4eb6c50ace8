import { parseNotice, type MessageClass } from '@breakwater/contracts';
import type { Logger } from '@breakwater/observability';
import { jetstream, type JetStreamClient, type JetStreamManager } from '@nats-io/jetstream';
import type { Msg, NatsConnection } from '@nats-io/nats-core';
import { Consumer, type ConsumeOptions, type ReadableBus } from './consumer.js';
import { DeadLetters } from './dead-letters.js';
import type { JetStream, StoreOptions } from './jet-stream.js';
import { BusUnavailableError, MessageTooLargeError, NoStreamError } from './messaging.errors.js';
import { NatsLink } from './nats-link.js';
import { ensureStreams, findStreamFor } from './streams.js';

export interface MessageBusOptions {
  /** Null: this installation has no NATS. Notices then go nowhere and events stay in the outbox. */
  readonly url: string | null;
  /** Of the process, e.g. `registry`. */
  readonly name: string;
  readonly logger: Logger;
}

/** News between processes. It may be down at any time: whatever must not be lost is in PostgreSQL first. */
export class MessageBus implements JetStream, ReadableBus {
  readonly deadLetters = new DeadLetters(this);
  private readonly listeners = new Set<NoticeListener>();
  private readonly onUpListeners = new Set<() => void>();
  private readonly consumers = new Set<Consumer>();
  private readonly link: NatsLink;
  private readonly logger: Logger;
  private streams: Promise<JetStreamManager> | null = null;
  private client: { readonly connection: NatsConnection; readonly jetstream: JetStreamClient } | null = null;

  private constructor(options: MessageBusOptions) {
    this.logger = options.logger;
    this.link = new NatsLink({
      ...options,
      onAttached: (connection) => this.listeners.forEach((listener) => listen(connection, listener)),
      onUp: () => {
        this.streams = null; // the server may have lost its store
        this.onUpListeners.forEach((listener) => listener());
      },
    });
  }

  /** Returns at once and connects in the background: a process starts, and works, without NATS. */
  static connect(options: MessageBusOptions): MessageBus {
    return new MessageBus(options);
  }

  get isConnected(): boolean {
    return this.link.find() !== null;
  }

  /** Tells every process, this one included, that something is old. Lost when nobody listens or NATS is down. */
  notify<T extends object>(notice: MessageClass<T>, payload: T): void {
    try {
      this.link.find()?.publish(notice.subject, JSON.stringify(payload));
    } catch (error) {
      // The connection is just closing. Callers tell after their commit and must not fail for it.
      this.logger.debug('a notice was not sent', { subject: notice.subject, error });
    }
  }

  /** @returns ends the subscription. A payload that breaks its contract is logged and dropped. */
  onNotice<T extends object>(notice: MessageClass<T>, handle: (payload: T) => void): () => void {
    const listener: NoticeListener = {
      subject: notice.subject,
      receive: (message) => {
        try {
          handle(parseNotice(notice, message.data));
        } catch (error) {
          this.logger.warn('a notice was not understood', { subject: notice.subject, error });
        }
      },
      stop: () => undefined,
    };
    this.listeners.add(listener);
    const connection = this.link.find();
    if (connection) listen(connection, listener);
    return () => {
      this.listeners.delete(listener);
      listener.stop();
    };
  }

  /**
   * Called each time that NATS can be reached (again). Notices of the time between were missed: caches that rely on
   * them are emptied here. @returns ends it.
   */
  onUp(listener: () => void): () => void {
    this.onUpListeners.add(listener);
    return () => this.onUpListeners.delete(listener);
  }

  /**
   * Hands a message to JetStream and waits until it is on the server's disk.
   *
   * @param body  what becomes JSON, or JSON already.
   * @throws BusUnavailableError  it may have been stored nevertheless: repeat it with the same id.
   * @throws MessageTooLargeError, NoStreamError  repeating will not help.
   */
  async store(subject: string, body: object | string, { messageId }: StoreOptions): Promise<void> {
    if (findStreamFor(subject) === null) throw new NoStreamError(subject);
    const connection = this.link.get();
    const payload = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
    const maxBytes = (connection.info?.max_payload ?? Infinity) - HEADER_BYTES;
    if (payload.length > maxBytes) throw new MessageTooLargeError(subject, payload.length, maxBytes);
    await this.manager();
    try {
      await this.clientOf(connection).publish(subject, payload, { msgID: messageId, timeout: STORE_TIMEOUT_MS });
    } catch (error) {
      this.streams = null; // perhaps one of them is gone
      throw new BusUnavailableError(error);
    }
  }

  /** Reads a stream, durably and at least once, until `stop`. Starts and goes on whenever NATS is there. */
  consume(options: ConsumeOptions): Consumer {
    const consumer = new Consumer(this, options, this.logger);
    this.consumers.add(consumer);
    return consumer;
  }

  /** For the health check: one round trip. @throws BusUnavailableError */
  async ping(): Promise<void> {
    const connection = this.link.get();
    await connection.flush().catch((error: unknown) => {
      throw new BusUnavailableError(error);
    });
  }

  /** Lets consumers finish what they hold, then disconnects. */
  async close(): Promise<void> {
    await Promise.all([...this.consumers].map((consumer) => consumer.stop()));
    await this.link.close();
  }

  private clientOf(connection: NatsConnection): JetStreamClient {
    if (this.client?.connection !== connection) this.client = { connection, jetstream: jetstream(connection) };
    return this.client.jetstream;
  }

  /** JetStream with every stream in place. For this lib. @throws BusUnavailableError */
  async manager(): Promise<JetStreamManager> {
    const connection = this.link.get();
    this.streams ??= ensureStreams(connection);
    try {
      return await this.streams;
    } catch (error) {
      this.streams = null;
      throw new BusUnavailableError(error);
    }
  }
}

const STORE_TIMEOUT_MS = 5_000;
/** Room for the message id and other headers, which count towards the server's limit. */
const HEADER_BYTES = 1_024;

interface NoticeListener {
  readonly subject: string;
  readonly receive: (message: Msg) => void;
  stop: () => void;
}

function listen(connection: NatsConnection, listener: NoticeListener): void {
  const subscription = connection.subscribe(listener.subject, {
    callback: (error, message) => {
      if (!error) listener.receive(message);
    },
  });
  listener.stop = () => subscription.unsubscribe();
}
