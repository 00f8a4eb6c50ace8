import { accountsSchema } from '@breakwater/accounts';
import { auditLogSchema, createAuditLog } from '@breakwater/audit';
import { catalogSchema, createCollector, projectNames } from '@breakwater/catalog';
import { connectWhenReady, type Database, type DatabaseSchema, Outbox, schemaReady } from '@breakwater/database';
import { jobsSchema } from '@breakwater/jobs';
import { MessageBus, OutboxRelay, outboxWaker } from '@breakwater/messaging';
import { HealthChecks, listenForOperations, type Logger, Metrics, NestLogger } from '@breakwater/observability';
import { scanningSchema } from '@breakwater/scanning';
import { type BlobStore, createBlobStore } from '@breakwater/storage';
import { NestFactory } from '@nestjs/core';
import type { AddressInfo } from 'node:net';
import type { Server } from 'node:http';
import { CollectorLoop } from './collection/collector-loop.js';
import { JobEngine } from './job-engine.js';
import type { JobserviceConfig } from './jobservice.config.js';
import { JobserviceModule } from './jobservice.module.js';

/** The tables that it works with. Core makes them; it waits for them. */
export const JOBSERVICE_SCHEMA: DatabaseSchema = {
  entities: [...catalogSchema.entities, ...accountsSchema.entities],
  migrations: [
    ...catalogSchema.migrations,
    ...accountsSchema.migrations,
    ...auditLogSchema.migrations,
    ...jobsSchema.migrations,
    ...scanningSchema.migrations,
  ],
};

export interface RunningJobservice {
  /** Of health and metrics; the one that was taken where the configured one is 0. */
  readonly port: number;
  /** Ends the batch under way, then connections. Twice is once. */
  stop(): Promise<void>;
}

/**
 * Starts the background work: resolves when it runs. Health is told from the start: alive, and not ready while it waits.
 *
 * @param signal  ends the waiting for a database that is not there yet.
 */
export async function startJobservice(
  config: JobserviceConfig,
  log: Logger,
  signal: AbortSignal,
): Promise<RunningJobservice> {
  const metrics = new Metrics('jobservice');
  const store = createBlobStore(config.storage.options());
  let database: Database | null = null;
  const bus = MessageBus.connect({ url: config.nats.url, name: 'jobservice', logger: log });
  const health = createHealth(log, store, bus, () => database);
  let operations: Server | null = null;
  const release = (): Promise<void> => releaseAll({ health, operations, store, bus, database });
  try {
    operations = await listenForOperations({ health, metrics }, config.http);
    database = await connect(config, log, signal);
    const collectorLoop = createCollectorLoop(config, { database, store, log, metrics });
    const outboxRelay = new OutboxRelay({ database, bus, logger: log, metrics });
    const auditLog = createAuditLog({ database, projects: projectNames });
    const outbox = new Outbox(outboxWaker(bus), [auditLog.observer]);
    const jobEngine = await JobEngine.create({ config, database, store, outbox, bus, logger: log, metrics });
    const module = JobserviceModule.with({ collectorLoop, outboxRelay, jobEngine, release });
    const app = await NestFactory.createApplicationContext(module, {
      logger: new NestLogger(log),
      abortOnError: false,
    });
    await health.start();
    const { port } = operations.address() as AddressInfo;
    log.info('running', { host: config.http.host, port, intervalSeconds: config.garbageCollection.intervalSeconds });
    let stopping: Promise<void> | null = null;
    const stop = async (): Promise<void> => {
      health.beginShutdown();
      await app.close();
      log.info('stopped');
    };
    return { port, stop: () => (stopping ??= stop()) };
  } catch (error) {
    await release();
    throw error;
  }
}

function createHealth(log: Logger, store: BlobStore, bus: MessageBus, database: () => Database | null): HealthChecks {
  const health = new HealthChecks({
    onChange: (name, status, error) =>
      status === 'ok' ? log.info(`${name} is ok`) : log.warn(`${name} is failing`, { error }),
  });
  health.register('database', async () => {
    const connected = database();
    if (connected === null) throw new Error('not connected yet');
    await connected.ping();
  });
  health.register('storage', () => store.probe());
  // Without it events wait in the outbox, and the collector goes on.
  health.register('nats', () => bus.ping(), { isRequired: false });
  return health;
}

async function connect(config: JobserviceConfig, log: Logger, signal: AbortSignal): Promise<Database> {
  const startUp = { signal, onWaiting: (reason: string) => log.info(`waiting: ${reason}`) };
  const { url, poolSize } = config.database;
  const database = await connectWhenReady(
    { url, poolSize, applicationName: 'breakwater jobservice' },
    JOBSERVICE_SCHEMA,
    startUp,
  );
  try {
    await schemaReady(database, startUp);
    return database;
  } catch (error) {
    await database.close();
    throw error;
  }
}

interface CollectorParts {
  readonly database: Database;
  readonly store: BlobStore;
  readonly log: Logger;
  readonly metrics: Metrics;
}

function createCollectorLoop(
  config: JobserviceConfig,
  { database, store, log, metrics }: CollectorParts,
): CollectorLoop {
  const { intervalSeconds } = config.garbageCollection;
  // Two rounds: whoever was told "not there" has started to upload, and its commit revives the blob.
  const collector = createCollector(database, store, { graceSeconds: 2 * intervalSeconds });
  return new CollectorLoop(collector, { intervalSeconds }, log, metrics);
}

interface Held {
  readonly health: HealthChecks;
  readonly operations: Server | null;
  readonly store: BlobStore;
  readonly bus: MessageBus;
  readonly database: Database | null;
}

async function releaseAll({ health, operations, store, bus, database }: Held): Promise<void> {
  health.stop();
  operations?.close();
  operations?.closeAllConnections();
  await bus.close();
  await store.close();
  await database?.close();
}
