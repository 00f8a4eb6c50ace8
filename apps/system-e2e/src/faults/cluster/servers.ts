import { startEmbeddedPostgres, type EmbeddedPostgres } from '@breakwater/embedded-postgres';
import { startNatsServer, type NatsServer } from '@breakwater/nats-server';
import { lastingPort } from '@breakwater/testing';
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { findTool } from '../../system/tools.js';

/** PostgreSQL of a cluster's own, at one address for its whole life. */
export class PostgresUnderTest {
  private running: EmbeddedPostgres | null = null;

  private constructor(
    private readonly directory: string,
    private readonly port: number,
  ) {}

  static async start(directory: string): Promise<PostgresUnderTest> {
    const postgres = new PostgresUnderTest(directory, await lastingPort());
    await postgres.start();
    return postgres;
  }

  /** It stays the same over restarts. */
  get url(): string {
    if (this.running === null) throw new Error('PostgreSQL is not running');
    return this.running.url;
  }

  /** After a kill the last of its workers may take a moment to notice. */
  async start(): Promise<void> {
    await mkdir(this.directory, { recursive: true });
    const log = createWriteStream(join(this.directory, 'postgres.log'), { flags: 'a' });
    for (const deadline = Date.now() + RESTART_WITHIN_MS; ; await delay(100)) {
      try {
        this.running = await startEmbeddedPostgres({
          dataDirectory: this.directory,
          port: this.port,
          database: 'breakwater',
          // What survives the death of a process does not depend on it; the disk of the machine is for others too.
          settings: { fsync: 'off' },
          log: (line) => log.write(`${line}\n`),
        });
        return;
      } catch (error) {
        if (Date.now() > deadline) throw error;
      }
    }
  }

  /** Its first process dies as by kill -9, and the others with it. */
  async kill(): Promise<void> {
    const { running } = this;
    if (running === null) return;
    this.running = null;
    process.kill(running.pid, 'SIGKILL');
    await running.exited;
  }

  async stop(): Promise<void> {
    await this.running?.stop('immediate');
    this.running = null;
  }
}

/** Of a machine that is busy with others. */
const RESTART_WITHIN_MS = 90_000;

/** NATS of a cluster's own, at one address for its whole life. */
export class NatsUnderTest {
  private running: NatsServer | null = null;

  private constructor(
    private readonly directory: string,
    private readonly port: number,
  ) {}

  /** @throws Error  there is no nats-server on this machine. */
  static async start(directory: string): Promise<NatsUnderTest> {
    const nats = new NatsUnderTest(directory, await lastingPort());
    await nats.start();
    return nats;
  }

  get url(): string {
    return `nats://127.0.0.1:${this.port}`;
  }

  async start(): Promise<void> {
    const program = findTool('nats-server');
    if (program === null) throw new Error('there is no nats-server on this machine');
    this.running = await startNatsServer({ program, dataDirectory: this.directory, port: this.port });
  }

  async stop(signal?: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    await this.running?.stop(signal);
    this.running = null;
  }
}
