import { connectWhenReady, whenAvailable, type Database, type StartUpOptions } from '@breakwater/database';
import { MessageBus } from '@breakwater/messaging';
import { HealthChecks, listenForOperations, Metrics, type Logger } from '@breakwater/observability';
import { OutboundClient } from '@breakwater/outbound';
import { ScannerClient } from '@breakwater/scanner-client';
import { createBlobStore, type BlobStore } from '@breakwater/storage';
import { readFileSync } from 'node:fs';
import type { AddressInfo, Server } from 'node:net';
import { join } from 'node:path';
import { createCoreApp } from './core.app.js';
import { findComponent, type CoreConfig } from './core.config.js';
import { CORE_SCHEMA, createCoreServices, type CoreServices } from './core.services.js';
import { ensureBuiltIn } from './features/scanners/ensure-built-in.js';
import { ensureFirstStart } from './first-start.js';
import { listenToNews, newsOver } from './notices.js';

export interface RunningCore {
  /** The one that was taken where the configured one is 0. */
  readonly port: number;
  /** Accepts nothing new, finishes what is in flight, ends connections. Twice is once. */
  stop(): Promise<void>;
}

/**
 * Starts the control plane: waits for PostgreSQL, migrates it, makes what a new installation needs, and serves.
 *
 * @param signal  ends the waiting for a database that is not there yet.
 * @throws FirstPasswordMissingError, and whatever else is wrong with the settings.
 */
export async function startCore(config: CoreConfig, log: Logger, signal: AbortSignal): Promise<RunningCore> {
  const startUp = { signal, onWaiting: (reason: string) => log.info(`waiting: ${reason}`) };
  const database = await migratedDatabase(config, log, startUp);
  const store = createBlobStore(config.storage.options());
  const bus = MessageBus.connect({ url: config.nats.url, name: 'core', logger: log });
  const health = healthOf(config, { database, store, bus }, log);
  const outbound = new OutboundClient(config.outbound.options(config.builtInScanner.allowedHosts()));
  const services = createCoreServices({
    settings: {
      publicUrl: config.publicUrl.url,
      tokenTtlSeconds: config.tokenTtlSeconds,
      caFile: config.caFile,
      version: versionOfCore(),
    },
    database,
    store,
    secrets: config.secretKey.secretBox(),
    catalog: {
      blobLeaseSeconds: config.garbageCollection.blobLeaseSeconds,
      trashSeconds: config.garbageCollection.trashSeconds,
    },
    news: newsOver(bus),
    logger: log,
    adapters: new ScannerClient(outbound),
    health,
  });
  await whenAvailable(() => ensureFirstStart(services, config.adminPassword, log), startUp);
  await whenAvailable(() => ensureBuiltIn(services.scanning.builtIn, config.builtInScanner.url, log), startUp);
  listenToNews(bus, services.accounts);
  return serve(config, services, { bus, outbound }, log);
}

/** As people see it, from the package that this file is in. */
export function versionOfCore(): string {
  const manifest = readFileSync(join(import.meta.dirname, '../package.json'), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}

async function serve(
  config: CoreConfig,
  services: CoreServices,
  { bus, outbound }: { readonly bus: MessageBus; readonly outbound: OutboundClient },
  log: Logger,
): Promise<RunningCore> {
  const { health, database, store } = services;
  const metrics = new Metrics('core');
  const app = await createCoreApp(services, {
    logger: log,
    metrics,
    trustedProxies: config.publicUrl.trustedProxies,
    shutdownGraceSeconds: config.shutdown.graceSeconds,
  });
  await health.start();
  const { host, port } = config.http;
  await app.listen({ host, port });
  const operations =
    config.metricsPort === null
      ? null
      : await listenForOperations({ health, metrics }, { host, port: config.metricsPort });
  const taken = ((app.getHttpServer() as Server).address() as AddressInfo).port;
  log.info('serving', { host, port: taken });
  let stopping: Promise<void> | null = null;
  const stop = async (): Promise<void> => {
    log.info('stopping', { graceSeconds: config.shutdown.graceSeconds });
    health.beginShutdown();
    await app.close();
    operations?.close();
    health.stop();
    await services.auditLog.close();
    await outbound.close();
    await bus.close();
    await store.close();
    await database.close();
    log.info('stopped');
  };
  return { port: taken, stop: () => (stopping ??= stop()) };
}

async function migratedDatabase(config: CoreConfig, log: Logger, startUp: StartUpOptions): Promise<Database> {
  const { url, poolSize } = config.database;
  const database = await connectWhenReady({ url, poolSize, applicationName: 'breakwater core' }, CORE_SCHEMA, startUp);
  await whenAvailable(async () => {
    const pending = await database.pendingMigrations();
    if (pending > 0) log.info('migrating the database', { pending });
    await database.migrate();
  }, startUp);
  return database;
}

/**
 * Ready means: the operations would work, for which the database is enough. What else there is is told and not
 * required, so that people can still sign in and look while a part is down.
 */
function healthOf(
  config: CoreConfig,
  { database, store, bus }: { database: Database; store: BlobStore; bus: MessageBus },
  log: Logger,
): HealthChecks {
  const health = new HealthChecks({
    onChange: (name, status, error) => {
      if (status === 'ok') log.info(`${name} is ok`);
      else log.warn(`${name} is failing`, { error });
    },
  });
  health.register('database', () => database.ping());
  health.register('storage', () => store.probe(), { isRequired: false });
  if (config.nats.url !== null) health.register('nats', () => bus.ping(), { isRequired: false });
  for (const text of config.healthComponents) {
    const component = findComponent(text);
    if (component !== null) health.register(component.name, probeOf(component.url), { isRequired: false });
  }
  return health;
}

function probeOf(url: string): (signal: AbortSignal) => Promise<void> {
  return async (signal) => {
    const response = await fetch(url, { signal, redirect: 'error' });
    await response.body?.cancel();
    if (response.status !== 200) throw new Error(`it answers ${response.status}`);
  };
}
