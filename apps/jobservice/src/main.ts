import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { catalogSchema, createCollector } from '@breakwater/catalog';
import { loadConfig } from '@breakwater/config';
import { connectWhenReady, schemaReady } from '@breakwater/database';
import { createLogger, HealthChecks, listenForOperations, Metrics, NestLogger } from '@breakwater/observability';
import { createBlobStore } from '@breakwater/storage';
import { CollectorLoop } from './collection/collector-loop.js';
import { JobserviceConfig } from './jobservice.config.js';
import { JobserviceModule } from './jobservice.module.js';

const POOL_NAME = 'breakwater jobservice';

await start().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});

async function start(): Promise<void> {
  const config = loadConfig(JobserviceConfig, process.env);
  const log = createLogger({ level: config.log.level, app: 'jobservice' });
  const metrics = new Metrics('jobservice');
  const health = new HealthChecks({
    onChange: (name, status, error) => log.warn(`${name} is ${status}`, status === 'failing' ? { error } : {}),
  });
  // Health first: whoever watches sees a process that is alive and not ready while it waits.
  const operations = await listenForOperations({ health, metrics }, config.http);
  const stopping = new AbortController();
  const giveUpWaiting = (): void => stopping.abort();
  process.once('SIGTERM', giveUpWaiting).once('SIGINT', giveUpWaiting);

  const startUp = { signal: stopping.signal, onWaiting: (reason: string) => log.info(`waiting: ${reason}`) };
  const options = { url: config.database.url, poolSize: config.database.poolSize, applicationName: POOL_NAME };
  const database = await connectWhenReady(options, catalogSchema, startUp);
  await schemaReady(database, startUp);
  const store = createBlobStore(config.storage.options());
  health.register('database', () => database.ping());
  health.register('storage', () => store.probe());
  await health.start();

  // Two rounds: whoever was told "not there" has started to upload, and its commit revives the blob.
  const graceSeconds = 2 * config.garbageCollection.intervalSeconds;
  const collectorLoop = new CollectorLoop(
    createCollector(database, store, graceSeconds),
    config.garbageCollection.intervalSeconds,
    log,
    metrics,
  );
  const close = async (): Promise<void> => {
    health.stop();
    operations.close();
    await store.close();
    await database.close();
  };
  const app = await NestFactory.createApplicationContext(JobserviceModule.with({ collectorLoop, close }), {
    logger: new NestLogger(log),
  });
  process.off('SIGTERM', giveUpWaiting).off('SIGINT', giveUpWaiting);
  app.enableShutdownHooks();
  log.info('ready', { host: config.http.host, port: config.http.port });
}
