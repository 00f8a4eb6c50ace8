import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { Api } from '../../system/api.js';
import { newPassword } from '../../system/start-installation.js';
import { faultsConfig } from '../faults.config.js';
import type { App } from './app.js';
import { planApps, type AppsOfCluster, type AppsPlan } from './apps-of-cluster.js';
import { runAudit, type AuditReport } from './audit.js';
import { NatsUnderTest, PostgresUnderTest } from './servers.js';
import { filesystemStorage, type StorageUnderTest } from './storage-under-test.js';

export interface ClusterOptions {
  /** One of each when left out. */
  readonly registries?: number;
  readonly jobservices?: number;
  /** None when left out: most faults are not theirs. */
  readonly webhooks?: number;
  /** The filesystem's when left out. Gets a folder of its own, and is stopped with the cluster. */
  readonly storage?: (directory: string) => StorageUnderTest | Promise<StorageUnderTest>;
  readonly hasNats?: boolean;
  /** Short ones when left out. */
  readonly lives?: Lives;
  /** Of all apps, beside or instead of what is set here. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Of one app, by its name: `core`, `registry-1`, `jobservice-1`, …. */
  readonly environmentOf?: AppsPlan['environmentOf'];
}

/** How long things are kept that nobody has asked for yet. */
export interface Lives {
  /** Of a blob that no manifest needs. */
  readonly blobLeaseSeconds: number;
  /** Of an upload to which nobody writes. */
  readonly uploadTtlSeconds: number;
}

/** So that the collector has work at every moment: for users who push again what is gone. */
const SHORT_LIVES: Lives = { blobLeaseSeconds: 5, uploadTtlSeconds: 10 };

/** For pushes step by step, where nothing may run out between two steps, however busy the machine is. */
export const LONG_LIVES: Lives = { blobLeaseSeconds: 3_600, uploadTtlSeconds: 3_600 };

interface Parts extends AppsOfCluster {
  readonly lives: Lives;
  readonly directory: string;
  readonly postgres: PostgresUnderTest;
  readonly nats: NatsUnderTest | null;
  readonly storage: StorageUnderTest;
  readonly environment: Readonly<Record<string, string>>;
  readonly api: Api;
}

/**
 * An installation of processes over one database and one storage, each of which can be taken away and put back at the
 * same address.
 */
export class Cluster {
  private constructor(private readonly parts: Parts) {}

  /** Resolves when every process serves. */
  static async start(options: ClusterOptions = {}): Promise<Cluster> {
    const directory = await mkdtemp(join(tmpdir(), 'bw-faults-'));
    const logDirectory = join(directory, 'logs');
    await mkdir(logDirectory);
    const [postgres, nats, storage] = await Promise.all([
      PostgresUnderTest.start(join(directory, 'postgres')),
      options.hasNats === false ? null : NatsUnderTest.start(join(directory, 'nats')),
      (options.storage ?? filesystemStorage)(join(directory, 'storage')),
    ]);
    const admin = { username: 'admin', password: newPassword() };
    const lives = options.lives ?? SHORT_LIVES;
    const environment = {
      BREAKWATER_GC_INTERVAL_SECONDS: '1',
      BREAKWATER_TRASH_SECONDS: '1',
      BREAKWATER_BLOB_LEASE_SECONDS: String(lives.blobLeaseSeconds),
      BREAKWATER_UPLOAD_TTL_SECONDS: String(lives.uploadTtlSeconds),
      ...storage.environment,
      NODE_ENV: 'production',
      // Restarts are many, and the machine is small.
      NODE_COMPILE_CACHE: join(tmpdir(), 'bw-faults-compile-cache'),
      BREAKWATER_DATABASE_URL: postgres.url,
      BREAKWATER_SECRET_KEY: randomBytes(32).toString('base64'),
      BREAKWATER_ADMIN_PASSWORD: admin.password,
      ...(nats === null ? {} : { BREAKWATER_NATS_URL: nats.url }),
      ...options.environment,
    };
    const { registries = 1, jobservices = 1, webhooks = 0, environmentOf = {} } = options;
    const apps = await planApps({ registries, jobservices, webhooks, logDirectory, environment, environmentOf });
    const api = new Api(`http://127.0.0.1:${apps.registries[0]?.port}`, admin);
    const cluster = new Cluster({ ...apps, lives, directory, postgres, nats, storage, environment, api });
    try {
      await Promise.all(cluster.apps.map((app) => app.start()));
    } catch (error) {
      await cluster.stop();
      throw error;
    }
    return cluster;
  }

  get lives(): Lives {
    return this.parts.lives;
  }

  get core(): App {
    return this.parts.core;
  }

  get registries(): AppsOfCluster['registries'] {
    return this.parts.registries;
  }

  /** Of the registries, in their order. */
  get ports(): readonly number[] {
    return this.registries.map(({ port }) => port);
  }

  get jobservices(): readonly App[] {
    return this.parts.jobservices;
  }

  get webhooks(): readonly App[] {
    return this.parts.webhooks;
  }

  get apps(): readonly App[] {
    return [this.core, ...this.registries, ...this.jobservices, ...this.webhooks];
  }

  get postgres(): PostgresUnderTest {
    return this.parts.postgres;
  }

  /** @throws Error  the cluster has none. */
  get nats(): NatsUnderTest {
    if (this.parts.nats === null) throw new Error('this cluster has no NATS');
    return this.parts.nats;
  }

  get storage(): StorageUnderTest {
    return this.parts.storage;
  }

  get api(): Api {
    return this.parts.api;
  }

  /** Of the suite's own, for whatever it needs to write down. Goes with the cluster. */
  get directory(): string {
    return this.parts.directory;
  }

  /** Asks the database itself. A connection for each question: the server comes and goes here. */
  async rows<Row extends object>(sql: string, parameters: readonly unknown[] = []): Promise<Row[]> {
    const client = new pg.Client({ connectionString: this.postgres.url });
    client.on('error', () => undefined);
    await client.connect();
    try {
      return (await client.query<Row>(sql, [...parameters])).rows;
    } finally {
      await client.end();
    }
  }

  audit(): Promise<AuditReport> {
    return runAudit(this.parts.environment);
  }

  async stop(): Promise<void> {
    const { postgres, nats, storage, directory } = this.parts;
    await Promise.all(this.apps.map((app) => app.kill()));
    await Promise.all([postgres.stop(), nats?.stop('SIGKILL'), storage.stop()]);
    if (faultsConfig.isKept()) console.info(`kept: ${directory}`);
    // What was killed may take a moment to be gone from there.
    else await rm(directory, { recursive: true, force: true, maxRetries: 10 });
  }
}
