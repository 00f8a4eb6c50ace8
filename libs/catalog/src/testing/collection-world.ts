import { type Database, Outbox } from '@breakwater/database';
import type { Digest, RepositoryName } from '@breakwater/oci';
import { buffer } from 'node:stream/consumers';
import type { AuditReport } from '../collection/audit.service.js';
import { CollectionRepository } from '../collection/collection.repository.js';
import { createAudit } from '../collection/create-collector.js';
import { createCatalog } from '../create-catalog.js';
import { type CatalogWorld, CI, createCatalogWorld, filesInTemporaryFolder } from './catalog-world.js';
import { Client } from './content.js';
import { type Brake, brake, Gate } from './stepping.js';

/** The collector's steps, as processes of their own that can be stopped where it matters. */
export interface CollectionWorld extends CatalogWorld {
  readonly collection: CollectionRepository;
  /** A client with a repository of its own, in a project of its own. */
  aClient(): Promise<Client>;
  /** The same client, served by a process that stands still before each commit. */
  brakedClient(client: Client): Promise<Brake & { readonly client: Client }>;
  aBrake(): Brake;
  brakedCollection(): Promise<Brake & { readonly collection: CollectionRepository }>;
  /** Served by a process that stands still between look and lock. */
  gatedClient(client: Client): Promise<{ readonly gate: Gate; readonly client: Client }>;
  gatedCollection(): Promise<{ readonly gate: Gate; readonly collection: CollectionRepository }>;
  /** For connections of its application name. */
  closeGate(): Promise<Gate>;
  /** The blob's leases are over, in that repository or in all. */
  endLeases(digest: Digest, repository?: RepositoryName): Promise<void>;
  /** Whether it is condemned; null when there is no such blob. */
  isCondemned(digest: Digest): Promise<boolean | null>;
  /** Its bytes, as a reader of the repository gets them; null when the repository does not hold it. */
  read(repository: RepositoryName, digest: Digest): Promise<Buffer | null>;
  audit(): Promise<AuditReport>;
  /** Whatever still stands still goes on: after each test, so that one that failed holds up no other. */
  letGo(): Promise<void>;
}

/** Leases are ended by hand. */
const OPTIONS = { blobLeaseSeconds: 3_600, trashSeconds: 3_600, uploadTtlSeconds: 3_600, uploadWriterSeconds: 30 };

/** @param isGated  makes views of the tables: for files that step between look and lock. */
export async function createCollectionWorld(
  isGated = false,
  startStorage = filesInTemporaryFolder,
): Promise<CollectionWorld> {
  const world = await createCatalogWorld(startStorage);
  const { database, store } = world;
  if (isGated) await Gate.install(database);
  const brakes: Brake[] = [];
  const gates: Gate[] = [];
  const closeGate = async (): Promise<Gate> => {
    const gate = await Gate.close(database, `gate ${gates.length}`);
    gates.push(gate);
    return gate;
  };
  const newBrake = (): Brake => {
    const braked = brake(database);
    brakes.push(braked);
    return braked;
  };
  const served = (client: Client, by: Database): Client => {
    const catalog = createCatalog({ database: by, store, outbox: new Outbox(), options: OPTIONS });
    return new Client(catalog, client.project, client.repository, client.principal);
  };
  return {
    ...world,
    collection: new CollectionRepository(database),
    async aClient() {
      const project = await world.aProject();
      return new Client(world.catalog, project, project.repository(), CI);
    },
    aBrake: newBrake,
    async brakedClient(client) {
      const braked = newBrake();
      return { ...braked, client: served(client, braked.database) };
    },
    async brakedCollection() {
      const braked = newBrake();
      return { ...braked, collection: new CollectionRepository(braked.database) };
    },
    async gatedClient(client) {
      const gate = await closeGate();
      return { gate, client: served(client, await world.connect(gate.applicationName)) };
    },
    async gatedCollection() {
      const gate = await closeGate();
      return { gate, collection: new CollectionRepository(await world.connect(gate.applicationName)) };
    },
    closeGate,
    async endLeases(digest, repository) {
      await database.rows(
        `UPDATE repository_blob l SET lease_until = now() - interval '1 s'
         FROM blob b, repository r
         WHERE b.id = l.blob_id AND r.id = l.repository_id AND b.digest = $1 AND l.lease_until IS NOT NULL
           AND ($2::text IS NULL OR r.name = $2)
         RETURNING l.blob_id`,
        [digest, repository ?? null],
      );
    },
    async isCondemned(digest) {
      const sql = 'SELECT condemned_at IS NOT NULL AS "isCondemned" FROM blob WHERE digest = $1';
      return (await database.rows<{ isCondemned: boolean }>(sql, [digest]))[0]?.isCondemned ?? null;
    },
    async read(repository, digest) {
      const blob = await world.catalog.blobs.find(repository, digest);
      return blob === null ? null : buffer((await store.read(blob.objectKey)).stream());
    },
    async letGo() {
      for (const braked of brakes) braked.release();
      await Promise.all(gates.map((gate) => gate.open()));
    },
    audit: () => createAudit(database, store).run({ isRehashing: true }, new AbortController().signal),
  };
}
