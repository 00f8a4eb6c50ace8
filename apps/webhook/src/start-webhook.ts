import { catalogSchema, ProjectReader, RepositoryDates } from '@breakwater/catalog';
import { connectWhenReady, type Database, schemaReady } from '@breakwater/database';
import { MessageBus } from '@breakwater/messaging';
import { HealthChecks, listenForOperations, type Logger, Metrics, NestLogger } from '@breakwater/observability';
import { OutboundClient } from '@breakwater/outbound';
import { createWebhookDispatch, OutboundCaller, webhooksSchema, type WebhookDispatch } from '@breakwater/webhooks';
import { NestFactory } from '@nestjs/core';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { WebhookConfig } from './webhook.config.js';
import { WebhookModule } from './webhook.module.js';

export interface RunningWebhook {
  /** Of health and metrics; the one that was taken where the configured one is 0. */
  readonly port: number;
  /** Takes nothing new, gives what is under way its grace, then ends connections. Twice is once. */
  stop(): Promise<void>;
}

/**
 * Starts the dispatcher: resolves when it runs. Health is told from the start: alive, and not ready while it waits.
 *
 * @param signal  ends the waiting for a database that is not there yet.
 */
export async function startWebhook(config: WebhookConfig, log: Logger, signal: AbortSignal): Promise<RunningWebhook> {
  const metrics = new Metrics('webhook');
  let database: Database | null = null;
  const bus = MessageBus.connect({ url: config.nats.url, name: 'webhook', logger: log });
  const client = new OutboundClient({ ...config.outbound.options(), maxConnectionsPerOrigin: config.maxTotal });
  const health = createHealth(log, bus, () => database);
  let operations: Server | null = null;
  const release = (): Promise<void> => releaseAll({ health, operations, bus, client, database });
  try {
    operations = await listenForOperations({ health, metrics }, config.http);
    database = await connect(config, log, signal);
    const { intake, dispatcher, sweep } = createDispatch(config, { database, client, log, metrics });
    const consume = () =>
      bus.consume({
        stream: 'events',
        durable: 'webhook',
        concurrency: CONCURRENCY,
        handle: (message) => intake.handle(message),
      });
    const app = await NestFactory.createApplicationContext(
      WebhookModule.with({ consume, dispatcher, sweep, release }),
      { logger: new NestLogger(log), abortOnError: false },
    );
    await health.start();
    const { port } = operations.address() as AddressInfo;
    log.info('running', { host: config.http.host, port });
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

/** Events that are read at the same time: together they become rows in one transaction. */
const CONCURRENCY = 256;

function createHealth(log: Logger, bus: MessageBus, database: () => Database | null): HealthChecks {
  const health = new HealthChecks({
    onChange: (name, status, error) =>
      status === 'ok' ? log.info(`${name} is ok`) : log.warn(`${name} is failing`, { error }),
  });
  health.register('database', async () => {
    const connected = database();
    if (connected === null) throw new Error('not connected yet');
    await connected.ping();
  });
  // Without it no new events come, and what is queued is delivered.
  health.register('nats', () => bus.ping(), { isRequired: false });
  return health;
}

async function connect(config: WebhookConfig, log: Logger, signal: AbortSignal): Promise<Database> {
  const startUp = { signal, onWaiting: (reason: string) => log.info(`waiting: ${reason}`) };
  const { url, poolSize } = config.database;
  const schema = {
    entities: catalogSchema.entities,
    migrations: [...catalogSchema.migrations, ...webhooksSchema.migrations],
  };
  const database = await connectWhenReady({ url, poolSize, applicationName: 'breakwater webhook' }, schema, startUp);
  try {
    await schemaReady(database, startUp);
    return database;
  } catch (error) {
    await database.close();
    throw error;
  }
}

interface DispatchParts {
  readonly database: Database;
  readonly client: OutboundClient;
  readonly log: Logger;
  readonly metrics: Metrics;
}

function createDispatch(config: WebhookConfig, { database, client, log, metrics }: DispatchParts): WebhookDispatch {
  const { url } = config.publicUrl;
  if (url === null) log.warn('BREAKWATER_PUBLIC_URL is not set: messages name no resource_url');
  return createWebhookDispatch({
    database,
    sealer: config.secretKey.secretBox(),
    caller: new OutboundCaller(client),
    projects: new ProjectReader(database),
    repositories: new RepositoryDates(database),
    registryHost: url === null ? null : new URL(url).host,
    logger: log,
    metrics,
    options: {
      maxAttempts: config.maxAttempts,
      firstPauseMs: config.firstPauseSeconds * 1000,
      longestPauseMs: config.longestPauseSeconds * 1000,
      timeoutMs: config.timeoutSeconds * 1000,
      maxPerTarget: config.maxPerTarget,
      maxTotal: config.maxTotal,
      graceMs: config.shutdown.graceSeconds * 1000,
      keepSeconds: config.historySeconds,
      keepPerPolicy: config.historyPerPolicy,
    },
  });
}

interface Held {
  readonly health: HealthChecks;
  readonly operations: Server | null;
  readonly bus: MessageBus;
  readonly client: OutboundClient;
  readonly database: Database | null;
}

async function releaseAll({ health, operations, bus, client, database }: Held): Promise<void> {
  health.stop();
  operations?.close();
  operations?.closeAllConnections();
  await bus.close();
  await client.close();
  await database?.close();
}
