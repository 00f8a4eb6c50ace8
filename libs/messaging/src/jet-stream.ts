import type { JetStreamManager } from '@nats-io/jetstream';

/** JetStream as the parts of this lib see it. The `MessageBus` is one. */
export interface JetStream {
  /** With every stream in place. @throws BusUnavailableError */
  manager(): Promise<JetStreamManager>;

  /** Resolves when the message is on the server's disk. @throws BusUnavailableError */
  store(subject: string, body: object | string, options: StoreOptions): Promise<void>;
}

export interface StoreOptions {
  /** A repeat with the same id is dropped by the server, for ten minutes. */
  readonly messageId: string;
}
