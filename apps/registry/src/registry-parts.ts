import { accountsSchema, createAccounts, type Accounts } from '@breakwater/accounts';
import { auditLogSchema, createAuditLog, type AuditLog } from '@breakwater/audit';
import { catalogSchema, createCatalog, projectNames, ScanTargets, type Catalog } from '@breakwater/catalog';
import {
  connectWhenReady,
  CreateOutbox1764000000000,
  Outbox,
  schemaReady,
  type Database,
  type DatabaseSchema,
} from '@breakwater/database';
import { MessageBus, outboxWaker } from '@breakwater/messaging';
import { HealthChecks, Metrics, requestIdFrom, type Logger } from '@breakwater/observability';
import { scanningSchema, VulnerabilityGate } from '@breakwater/scanning';
import { createBlobStore, type BlobStore } from '@breakwater/storage';
import { Gate } from './access/gate.js';
import { PullPolicy } from './access/pull-policy.js';
import { PublicOrigin } from './access/public-origin.js';
import { TrustedProxies } from './access/trusted-proxies.js';
import { DataPlane } from './data-plane/data-plane.js';
import { Dispatcher } from './data-plane/dispatch.js';
import { endpointTable } from './data-plane/endpoint-table.js';
import type { Exchange } from './data-plane/exchange.js';
import { RequestObserver } from './data-plane/request-observer.js';
import { FrontDoor } from './front-door/front-door.js';
import { listenToNotices, notifierOf } from './notices.js';
import type { RegistryConfig } from './registry.config.js';
import { YoungBuffers } from './server/young-buffers.js';

/** The tables that this process reads and writes. Core makes them; this process waits until they are there. */
export const REGISTRY_SCHEMA: DatabaseSchema = {
  entities: [...catalogSchema.entities, ...accountsSchema.entities],
  migrations: [
    CreateOutbox1764000000000,
    ...catalogSchema.migrations,
    ...accountsSchema.migrations,
    ...auditLogSchema.migrations,
    ...scanningSchema.migrations,
  ],
};

/** What the process works with, made before Nest so that it can wait for what is not there yet. */
export interface RegistryParts {
  readonly dataPlane: DataPlane;
  /** Null where a proxy in front shares out the paths. */
  readonly frontDoor: FrontDoor | null;
  readonly health: HealthChecks;
  readonly metrics: Metrics;
  /** From now on not ready, and every answer is the last one of its connection. */
  beginShutdown(): void;
  /** Writes what was noted on behalf of requests, and ends connections. */
  close(): Promise<void>;
}

/** A writer of an upload that does not say that it lives for so long is taken for dead. */
const UPLOAD_WRITER_SECONDS = 30;
/** What the sealed private keys are bound to; the same as in core. */
const SIGNING_KEYS = 'accounts/signing-key';

/**
 * @param signal  ends the waiting for the database and its schema.
 * @throws whatever is wrong with the settings; what is merely not there yet is waited for.
 */
export async function assembleRegistry(
  config: RegistryConfig,
  log: Logger,
  signal: AbortSignal,
): Promise<RegistryParts> {
  const database = await connect(config, log, signal);
  const store = createBlobStore(config.storage.options());
  const bus = MessageBus.connect({ url: config.nats.url, name: 'registry', logger: log });
  const notifier = notifierOf(bus);
  const auditLog = createAuditLog({ database, projects: projectNames });
  const outbox = new Outbox(outboxWaker(bus), [auditLog.observer]);
  const catalog = createCatalog({
    database,
    store,
    outbox,
    options: {
      blobLeaseSeconds: config.garbageCollection.blobLeaseSeconds,
      trashSeconds: config.garbageCollection.trashSeconds,
      uploadTtlSeconds: config.garbageCollection.uploadTtlSeconds,
      uploadWriterSeconds: UPLOAD_WRITER_SECONDS,
      uploadIdleSeconds: config.idleSeconds,
      manifestCacheBytes: config.manifestCacheBytes,
    },
  });
  const box = config.secretKey.secretBox();
  const sealer = {
    seal: (plain: string) => box.seal(plain, SIGNING_KEYS),
    open: (sealed: string) => box.open(sealed, SIGNING_KEYS),
  };
  const accounts = createAccounts({ database, outbox, notifier, sealer, signIns: auditLog.signIns });
  const vulnerabilities = new VulnerabilityGate({ database, scannable: (ids) => imagesAmong(database, ids) });
  listenToNotices(bus, catalog, accounts, vulnerabilities);
  return wire(config, log, { database, store, bus, catalog, accounts, auditLog, vulnerabilities });
}

interface Services {
  readonly database: Database;
  readonly store: BlobStore;
  readonly bus: MessageBus;
  readonly catalog: Catalog;
  readonly accounts: Accounts;
  readonly auditLog: AuditLog;
  readonly vulnerabilities: VulnerabilityGate;
}

function wire(config: RegistryConfig, log: Logger, services: Services): RegistryParts {
  const { database, store, bus, catalog, accounts, auditLog, vulnerabilities } = services;
  let isDraining = false;
  const bodyIdleTimeoutMs = config.idleSeconds * 1000;
  const shared = { bodyIdleTimeoutMs, isDraining: () => isDraining };
  const youngBuffers = new YoungBuffers();
  const metrics = new Metrics('registry');
  const health = healthOf(services, config.nats.url !== null, log);
  const origin = new PublicOrigin(config.publicUrl.url, new TrustedProxies(config.publicUrl.trustedProxies));
  const clientAddressOf = ({ request }: Exchange): string => origin.clientAddressOf(request);
  const gate = new Gate(accounts.authenticator, catalog.projects, accounts.memberships);
  const policy = new PullPolicy(vulnerabilities);
  const redirect = {
    isEnabled: config.storage.isRedirecting,
    minBytes: config.redirectMinBytes,
    ttlSeconds: config.storage.redirectTtlSeconds,
  };
  const dispatcher = new Dispatcher(endpointTable({ catalog, gate, policy, store, redirect }), gate, clientAddressOf);
  const observer = new RequestObserver(metrics, log, config.log.level === 'debug', clientAddressOf);
  const frontDoor =
    config.coreUrl === null
      ? null
      : new FrontDoor(origin, {
          ...shared,
          coreUrl: config.coreUrl,
          requestIdOf: (request) => requestIdFrom(request.headers['x-request-id']),
          onFailure: (failure, requestId) =>
            log.warn('core did not answer', { requestId, status: failure.status, error: failure.cause }),
        });
  return {
    dataPlane: new DataPlane(dispatcher, origin, observer, {
      ...shared,
      onBodyBytes: (count) => youngBuffers.arrived(count),
    }),
    frontDoor,
    health,
    metrics,
    beginShutdown() {
      isDraining = true;
      health.beginShutdown();
    },
    async close() {
      health.stop();
      observer.close();
      await frontDoor?.close();
      await catalog.close();
      await auditLog.close();
      await bus.close();
      await store.close();
      await database.close();
    },
  };
}

/** Those that a scanner can look at. */
async function imagesAmong(database: Database, artifactIds: readonly string[]): Promise<ReadonlySet<string>> {
  const found = await new ScanTargets().find(database, artifactIds.map(Number));
  return new Set(found.filter(({ isImage }) => isImage).map(({ id }) => String(id)));
}

async function connect(config: RegistryConfig, log: Logger, signal: AbortSignal): Promise<Database> {
  const startUp = { signal, onWaiting: (reason: string) => log.info(`waiting: ${reason}`) };
  const { url, poolSize } = config.database;
  const database = await connectWhenReady(
    { url, poolSize, applicationName: 'breakwater registry' },
    REGISTRY_SCHEMA,
    startUp,
  );
  try {
    await schemaReady(database, startUp);
  } catch (error) {
    await database.close();
    throw error;
  }
  return database;
}

/**
 * Ready means: a push and a pull would work. Without the database or the storage neither does. Without NATS both do,
 * so its state is told and not required.
 */
function healthOf({ database, store, bus }: Services, hasNats: boolean, log: Logger): HealthChecks {
  const health = new HealthChecks({
    onChange: (name, status, error) => {
      if (status === 'ok') log.info(`${name} is ok`);
      else log.warn(`${name} is failing`, { error });
    },
  });
  health.register('database', () => database.ping());
  health.register('storage', () => store.probe());
  if (hasNats) health.register('nats', (signal) => answers(bus, signal), { isRequired: false });
  return health;
}

/** It connects in the background: that it is not there yet is no failure while the probe has time. */
async function answers(bus: MessageBus, signal: AbortSignal): Promise<void> {
  if (!bus.isConnected) {
    const { promise, resolve } = Promise.withResolvers<void>();
    const stop = bus.onUp(resolve);
    signal.addEventListener('abort', () => resolve(), { once: true });
    await promise;
    stop();
  }
  await bus.ping();
}
