import { CreateOutbox1764000000000, type Database, Outbox } from '@breakwater/database';
import { RepositoryName } from '@breakwater/oci';
import { type BlobStore, createBlobStore, type StorageConfig } from '@breakwater/storage';
import { createTestDatabase, startS3Server } from '@breakwater/testing';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Catalog, type CatalogOptions, catalogSchema, createCatalog } from '../create-catalog.js';
import type { Clock, Principal } from '../ports.js';
import type { ProjectFacts } from '../projects/project-facts.js';
import { eventually } from './content.js';

export const CI: Principal = { key: 'robot:3', name: 'robot$ci' };
export const CARLA: Principal = { key: 'user:7', name: 'carla' };

export interface CatalogWorld {
  readonly database: Database;
  readonly store: BlobStore;
  readonly catalog: Catalog;
  /** Another process over the same database and storage. */
  replica(change?: ReplicaChange): Promise<Catalog>;
  /** Connections of a process of its own. */
  connect(applicationName?: string): Promise<Database>;
  /** A project of its own for one test. */
  aProject(metadata?: Readonly<Record<string, string>>): Promise<TestProject>;
  /** Payloads in the outbox, oldest first, by subject. */
  told(subject: string): Promise<Record<string, unknown>[]>;
  /** How many times `work` took a connection of this world: once per query outside of a unit of work, once per unit. */
  countQueries(work: () => Promise<unknown>): Promise<number>;
  /** Until some transaction waits for a lock of another. */
  untilSomeoneWaits(): Promise<void>;
  close(): Promise<void>;
}

export interface ReplicaChange {
  /** Over the connections of the world itself, so that `countQueries` sees it. */
  readonly sharesConnections?: true;
  readonly options?: Partial<CatalogOptions>;
  readonly store?: BlobStore;
  readonly clock?: Clock;
}

export interface TestProject extends ProjectFacts {
  /** A name of a repository in it. */
  repository(name?: string): RepositoryName;
}

const OPTIONS: CatalogOptions = {
  blobLeaseSeconds: 3_600,
  trashSeconds: 86_400,
  uploadTtlSeconds: 3_600,
  uploadWriterSeconds: 30,
};

/** PostgreSQL and a storage, with the data plane's use cases over them. */
export async function createCatalogWorld(startStorage = filesInTemporaryFolder): Promise<CatalogWorld> {
  const storage = await startStorage();
  const testDatabase = await createTestDatabase({
    entities: [],
    migrations: [CreateOutbox1764000000000, ...catalogSchema.migrations],
  });
  const database = await testDatabase.connect();
  const stores: BlobStore[] = [];
  const openStore = (): BlobStore => {
    const store = createBlobStore(storage.config);
    stores.push(store);
    return store;
  };
  const store = openStore();
  const catalogs: Catalog[] = [];
  const open = (over: Database, change: ReplicaChange & { store: BlobStore }): Catalog => {
    const catalog = createCatalog({
      database: over,
      store: change.store,
      outbox: new Outbox(),
      options: { ...OPTIONS, ...change.options },
      ...(change.clock !== undefined && { clock: change.clock }),
    });
    catalogs.push(catalog);
    return catalog;
  };
  let projects = 0;
  return {
    database,
    store,
    catalog: open(database, { store }),
    async replica(change = {}) {
      return open(change.sharesConnections ? database : await testDatabase.connect(), {
        ...change,
        store: change.store ?? openStore(),
      });
    },
    connect: (applicationName = 'test') => testDatabase.connect({ applicationName }),
    async aProject(metadata = {}) {
      projects++;
      return insertProject(database, `project-${projects}`, metadata);
    },
    async told(subject) {
      const rows = await database.rows<{ payload: Record<string, unknown> }>(
        'SELECT payload FROM outbox_event WHERE subject = $1 ORDER BY id',
        [subject],
      );
      return rows.map((row) => row.payload);
    },
    countQueries: (work) => countQueries(database, work),
    untilSomeoneWaits: () =>
      eventually(async () => {
        const sql = `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
        return (await database.rows(sql)).length > 0;
      }),
    async close() {
      await Promise.all(catalogs.map((catalog) => catalog.close()));
      await testDatabase.drop();
      await Promise.all(stores.map((opened) => opened.close()));
      await storage.stop();
    },
  };
}

export interface TestStorage {
  readonly config: StorageConfig;
  stop(): Promise<void>;
}

export async function filesInTemporaryFolder(): Promise<TestStorage> {
  const root = await mkdtemp(join(tmpdir(), 'catalog-'));
  return { config: { driver: 'filesystem', root }, stop: () => rm(root, { recursive: true, force: true }) };
}

/** For suites within `describeWithS3`. */
export async function aBucket(): Promise<TestStorage> {
  const server = await startS3Server();
  const { endpoint, region, bucket, accessKeyId, secretAccessKey } = server;
  const config = {
    driver: 's3',
    forcePathStyle: true,
    endpoint,
    region,
    bucket,
    accessKeyId,
    secretAccessKey,
  } as const;
  return { config, stop: () => server.stop() };
}

async function insertProject(
  database: Database,
  name: string,
  metadata: Readonly<Record<string, string>>,
): Promise<TestProject> {
  const [row] = await database.rows<{ id: number; incarnation: string }>(
    'INSERT INTO project (name, owner_id) VALUES ($1, 1) RETURNING id, incarnation',
    [name],
  );
  const { id, incarnation } = row as { id: number; incarnation: string };
  for (const [key, value] of Object.entries(metadata))
    await database.rows('INSERT INTO project_metadata VALUES ($1, $2, $3) RETURNING key', [id, key, value]);
  return {
    id,
    name,
    incarnation,
    isPublic: false,
    isSparseAllowed: metadata['sparse_content'] === 'true',
    metadata: new Map(Object.entries(metadata)),
    repository: (within = 'app') => RepositoryName.parse(`${name}/${within}`),
  };
}

async function countQueries(database: Database, work: () => Promise<unknown>): Promise<number> {
  const { pool } = database as unknown as { pool: { on: PoolEvents; off: PoolEvents } };
  let count = 0;
  const onAcquire = (): void => void count++;
  pool.on('acquire', onAcquire);
  try {
    await work();
  } finally {
    pool.off('acquire', onAcquire);
  }
  return count;
}

type PoolEvents = (event: 'acquire', listener: () => void) => void;
