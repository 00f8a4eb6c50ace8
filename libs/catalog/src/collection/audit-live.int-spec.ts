import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { AppError } from '@breakwater/errors';
import type { Digest } from '@breakwater/oci';
import type { BlobStore } from '@breakwater/storage';
import { filesInTemporaryFolder } from '../testing/catalog-world.js';
import { type CollectionWorld, createCollectionWorld } from '../testing/collection-world.js';
import { anImage, byDigest, byTag, chunkOf, Client, NEVER, someBytes } from '../testing/content.js';
import type { AuditOptions, AuditReport } from './audit.service.js';
import { createAudit, createCollector } from './create-collector.js';

describe('Audit looks twice, and does not report', () => {
  let world: CollectionWorld;
  let client: Client;

  beforeAll(async () => {
    world = await createCollectionWorld(false, filesInTemporaryFolder);
  });
  beforeEach(async () => {
    client = await world.aClient();
  });
  afterAll(() => world.close());

  const audit = (options: Partial<AuditOptions>, store: BlobStore): Promise<AuditReport> =>
    createAudit(world.database, store).run({ isRehashing: false, ...options }, NEVER);

  async function keyOf(digest: Digest): Promise<string> {
    const sql = 'SELECT object_key FROM blob WHERE digest = $1';
    const [row] = await world.database.rows<{ object_key: string }>(sql, [digest]);
    return row?.object_key ?? '';
  }

  const NOTHING = { count: 0, examples: [] };

  it('a blob that was pushed after its stretch of the storage was listed', async () => {
    const store = storeThat(world.store, { afterList: () => client.pushBlob(someBytes()) });
    expect(await audit({ isRehashing: true }, store)).toMatchObject({ isWell: true });
  });

  it('a blob that was collected after its row was read', async () => {
    const digest = await client.pushBlob(someBytes());
    const store = storeThat(world.store, {
      hidesFromList: await keyOf(digest),
      beforeStat: () => collect(digest),
    });
    expect(await audit({}, store)).toMatchObject({ isWell: true, missing: NOTHING });
  });

  it('a blob that was collected just before it is read', async () => {
    const digest = await client.pushBlob(someBytes());
    const stored = await keyOf(digest);
    const beforeRead = async (key: string) => (stored === key ? collect(digest) : undefined);
    const store = storeThat(world.store, { beforeRead });
    expect(await audit({ isRehashing: true }, store)).toMatchObject({ isWell: true, missing: NOTHING });
  });

  async function collect(digest: Digest): Promise<void> {
    await client.catalog.blobs.delete(client.repository, digest);
    await createCollector(world.database, world.store, { graceSeconds: 0 }).runOnce(NEVER);
    expect(await client.hasBlob(digest)).toBe(false);
  }

  it('an object that went after it was listed', async () => {
    const { id } = await client.catalog.uploads.start(client.project, client.repository, client.principal);
    const chunk = chunkOf(someBytes());
    await client.catalog.uploads.append(client.repository, client.principal, id, chunk);
    const cancel = async () => {
      await client.catalog.uploads.cancel(client.repository, client.principal, id);
      await createCollector(world.database, world.store, { graceSeconds: 0 }).runOnce(NEVER);
    };
    expect(await audit({}, storeThat(world.store, { afterList: cancel }))).toMatchObject({ isWell: true });
  });
});

describe('Audit of a system that lives', () => {
  it('stays quiet while pushes, deletes and the collector go on', async () => {
    const world = await createCollectionWorld(false, filesInTemporaryFolder);
    try {
      let isOver = false;
      const load = Array.from({ length: 4 }, async (_, nth) => {
        const client = await withoutMercy(world, await world.aClient());
        const images = [anImage(), anImage()];
        const collector = createCollector(world.database, world.store, { graceSeconds: 0, batchSize: 3 });
        for (let step = nth; !isOver; step++) {
          const image = images[step % 2] ?? anImage();
          const work = [
            () => client.push(image, byTag('v1')),
            () => client.delete(byDigest(image.digest)),
            () => client.push(anImage(), byTag('latest')),
            () => client.delete(byTag('latest')),
            () => collector.runOnce(NEVER),
          ][step % 5];
          await work?.().catch(ordinary);
        }
      });
      for (let audits = 0; audits < 15; audits++) expect(await world.audit()).toMatchObject({ isWell: true });
      isOver = true;
      await Promise.all(load);
      expect(await world.audit()).toMatchObject({ isWell: true });
    } finally {
      await world.close();
    }
  }, 3_600_000);
});

/** Nothing is kept a moment longer than it must be. */
async function withoutMercy(world: CollectionWorld, client: Client): Promise<Client> {
  const options = { blobLeaseSeconds: 0, trashSeconds: 0 };
  const catalog = await world.replica({ options });
  return new Client(catalog, client.project, client.repository, client.principal);
}

/** Others may take away what a push has just brought. */
function ordinary(error: unknown): void {
  if (!(error instanceof AppError) || !/_UNKNOWN$/.test(error.code)) throw error;
}

interface Interference {
  readonly afterList?: () => Promise<unknown>;
  readonly hidesFromList?: string;
  readonly beforeStat?: () => Promise<unknown>;
  readonly beforeRead?: (key: string) => Promise<unknown>;
}

/** The same store; things happen between what is asked of it. */
function storeThat(store: BlobStore, { afterList, hidesFromList, beforeStat, beforeRead }: Interference): BlobStore {
  return Object.assign(Object.create(store) as BlobStore, {
    async *list(prefix: string) {
      for await (const page of store.list(prefix)) yield page.filter(({ key }) => key !== hidesFromList);
      await afterList?.();
    },
    async stat(key: string) {
      await beforeStat?.();
      return store.stat(key);
    },
    async read(key: string, range?: Parameters<BlobStore['read']>[1]) {
      await beforeRead?.(key);
      return store.read(key, range);
    },
  });
}
