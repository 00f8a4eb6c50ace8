import type { Logger } from '@breakwater/observability';
import type { ConnectionOptions, NatsConnection } from '@nats-io/nats-core';
import { connect } from '@nats-io/transport-node';
import { setTimeout as delay } from 'node:timers/promises';
import { BusUnavailableError } from './messaging.errors.js';

export interface NatsLinkOptions {
  /** `nats://user:password@host:port`, `tls://…`; null: there is no NATS. */
  readonly url: string | null;
  /** Shown in the server's connection list. */
  readonly name: string;
  readonly logger: Logger;
  /** Called for each new connection object, before `onUp`: subscriptions are made here. */
  readonly onAttached: (connection: NatsConnection) => void;
  /** Called whenever the server is reachable again: what was sent meanwhile has been missed. */
  readonly onUp: () => void;
}

/**
 * A connection that is kept up for ever in the background. NATS may come later than this process, go for hours, or
 * change its mind about our credentials: none of it ends the link, only `close` does.
 */
export class NatsLink {
  private connection: NatsConnection | null = null;
  private isUp = false;
  private readonly ending = new AbortController();
  private readonly finished: Promise<void>;

  constructor(private readonly options: NatsLinkOptions) {
    this.finished =
      options.url === null ? Promise.resolve() : this.keepUp(connectionOptions(options.url, options.name));
  }

  /** Null while the server cannot be reached: what is published then would pile up in memory. */
  find(): NatsConnection | null {
    return this.isUp ? this.connection : null;
  }

  /** @throws BusUnavailableError */
  get(): NatsConnection {
    const connection = this.find();
    if (!connection) throw new BusUnavailableError();
    return connection;
  }

  /** Sends what is still in the buffers, if the server takes it, and ends. */
  async close(): Promise<void> {
    this.ending.abort();
    const { connection, isUp } = this;
    if (connection && isUp) await connection.drain().catch(() => undefined);
    await connection?.close();
    await this.finished;
  }

  private async keepUp(options: ConnectionOptions): Promise<void> {
    const { logger, onAttached, onUp } = this.options;
    for (let isFirstFailure = true; !this.ending.signal.aborted;) {
      try {
        this.connection = await connect(options);
      } catch (error) {
        if (isFirstFailure) logger.warn('NATS does not answer; trying on', { error });
        isFirstFailure = false;
        await delay(RETRY_MS, undefined, { signal: this.ending.signal }).catch(() => undefined);
        continue;
      }
      if (this.ending.signal.aborted) return this.connection.close();
      isFirstFailure = true;
      onAttached(this.connection);
      this.setUp(true);
      onUp();
      await this.follow(this.connection);
      this.setUp(false);
    }
  }

  /** The client reconnects by itself; here we only hear of it. Ends when the client has given up. */
  private async follow(connection: NatsConnection): Promise<void> {
    for await (const status of connection.status()) {
      if (status.type === 'disconnect') this.setUp(false);
      if (status.type === 'reconnect') {
        this.setUp(true);
        this.options.onUp();
      }
      if (status.type === 'error') this.options.logger.warn('NATS complains', { error: status.error });
    }
    const error = await connection.closed();
    if (error) this.options.logger.warn('the NATS connection ended', { error });
  }

  private setUp(isUp: boolean): void {
    if (isUp === this.isUp) return;
    this.isUp = isUp;
    this.options.logger.info(isUp ? 'NATS is connected' : 'NATS is gone');
  }
}

const RETRY_MS = 500;

function connectionOptions(address: string, name: string): ConnectionOptions {
  const url = new URL(address);
  const [user, password] = [decodeURIComponent(url.username), decodeURIComponent(url.password)];
  return {
    servers: `${url.hostname}:${url.port || '4222'}`,
    name,
    // The client library reads no credentials from a URL. A user without a password is a token, as NATS has it.
    ...(user !== '' && (password === '' ? { token: user } : { user, pass: password })),
    ...(url.protocol === 'tls:' && { tls: {} }),
    timeout: 5_000,
    maxReconnectAttempts: -1,
    ignoreAuthErrorAbort: true,
    reconnectTimeWait: RETRY_MS,
    reconnectJitter: 200,
    // A connection that a firewall forgot is noticed within a minute.
    pingInterval: 20_000,
    maxPingOut: 2,
  };
}
