import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type BlobStore, newObjectKey, StorageUnavailableError } from '@breakwater/storage';
import { type CollectionWorld, createCollectionWorld } from '../testing/collection-world.js';
import { anImage, byDigest, type Client, chunkOf, digestOf, someBytes } from '../testing/content.js';
import { UploadUnknownError } from '../uploads/upload.errors.js';
import type { Collector, CollectorOptions } from './collector.service.js';
import { createCollector } from './create-collector.js';
import { TrashRepository } from './trash.repository.js';

const NEVER = new AbortController().signal;

describe('Collector', () => {
  let world: CollectionWorld;
  let client: Client;
  let collector: Collector;

  beforeAll(async () => {
    world = await createCollectionWorld();
  });
  beforeEach(async () => {
    client = await world.aClient();
    collector = aCollector();
  });
  afterEach(async () => expect(await world.audit()).toMatchObject({ isWell: true }));
  afterAll(() => world.close());

  const aCollector = (options: Partial<CollectorOptions> & { store?: BlobStore } = {}): Collector =>
    createCollector(world.database, options.store ?? world.store, { graceSeconds: 0, ...options });

  const NOTHING = {
    expiredUploads: 0,
    purgedArtifacts: 0,
    expiredLinks: 0,
    collectedBlobs: 0,
    forgottenRepositories: 0,
    deletedObjects: 0,
    deletedBytes: 0,
    failedDeletes: 0,
    hasMore: false,
    failures: [],
  };

  async function inTrash(count: number, change = ''): Promise<string[]> {
    const keys = Array.from({ length: count }, newObjectKey);
    for (const key of keys) await write(key);
    await world.database.rows(
      `INSERT INTO trash (object_key, size_bytes, reason) SELECT key, 7, 'duplicate' FROM unnest($1::text[]) AS key
       ${change} RETURNING object_key`,
      [keys],
    );
    return keys;
  }

  async function write(key: string): Promise<void> {
    const writer = await world.store.openWriter(key, null, { hash: 'none' });
    await writer.append(chunkOf(Buffer.from('content')).body);
    await writer.complete();
    await writer.close();
  }

  async function objects(): Promise<number> {
    let count = 0;
    for await (const page of world.store.list('blobs/')) count += page.length;
    return count;
  }

  const trash = () =>
    world.database.rows<{
      object_key: string;
      attempts: number;
      last_error: string | null;
      due: number;
      pause: number;
    }>(
      `SELECT object_key, attempts, last_error, extract(epoch FROM delete_after)::float8 AS due,
              extract(epoch FROM delete_after - now())::float8 AS pause FROM trash`,
    );
  /** Of the database, in seconds. */
  const now = async () =>
    (await world.database.rows<{ now: number }>('SELECT extract(epoch FROM now())::float8 AS now'))[0]?.now ?? 0;
  const passTime = () =>
    world.database.rows(`UPDATE trash SET delete_after = now() - interval '1 s' RETURNING object_key`);
  /** A pause of seconds may be over before the next statement. */
  const untilTomorrow = () =>
    world.database.rows(`UPDATE trash SET delete_after = now() + interval '1 day' RETURNING object_key`);

  it('takes an image from its deletion to the last byte, and touches nothing else', async () => {
    const [image, kept] = [anImage(), anImage()];
    await client.push(image);
    await client.push(kept);
    await client.delete(byDigest(image.digest));
    expect(await collector.runOnce(NEVER)).toEqual(NOTHING);
    for (const blob of image.blobs) await world.endLeases(digestOf(blob));
    expect(await collector.runOnce(NEVER)).toEqual({ ...NOTHING, expiredLinks: 2 });
    await world.database.rows('UPDATE deleted_artifact SET purge_after = now() RETURNING id');
    expect(await collector.runOnce(NEVER)).toMatchObject({ purgedArtifacts: 1, collectedBlobs: 2, deletedObjects: 2 });
    expect(await collector.runOnce(NEVER)).toEqual(NOTHING);
    expect(await objects()).toBe(2);
    for (const blob of kept.blobs) expect(await world.read(client.repository, digestOf(blob))).toEqual(blob);
  });

  it('gives a condemned blob its grace', async () => {
    const digest = await client.pushBlob(someBytes());
    await client.catalog.blobs.delete(client.repository, digest);
    expect(await aCollector({ graceSeconds: 60 }).runOnce(NEVER)).toMatchObject({ collectedBlobs: 0 });
    await world.database.rows(`UPDATE blob SET condemned_at = condemned_at - interval '61 s' RETURNING id`);
    expect(await aCollector({ graceSeconds: 60 }).runOnce(NEVER)).toMatchObject({ collectedBlobs: 1 });
  });

  describe('with uploads', () => {
    const start = async () =>
      (await client.catalog.uploads.start(client.project, client.repository, client.principal)).id;
    const append = (id: string) =>
      client.catalog.uploads.append(client.repository, client.principal, id, chunkOf(Buffer.from('bytes')));
    const change = (id: string, set: string) =>
      world.database.rows(`UPDATE upload SET ${set} WHERE id = $1 RETURNING id`, [id]);

    it('ends those that nobody went on with, and frees what they stored', async () => {
      const [idle, fresh] = [await start(), await start()];
      await append(idle);
      await change(idle, `expires_at = now() - interval '1 s'`);
      const before = await objects();
      expect(await collector.runOnce(NEVER)).toMatchObject({ expiredUploads: 1, deletedObjects: 1, deletedBytes: 5 });
      expect(await objects()).toBe(before - 1);
      await expect(append(idle)).rejects.toThrow(UploadUnknownError);
      await append(fresh);
    });

    it('leaves one with a living writer, and keeps the object of one whose writer may only be slow', async () => {
      const id = await start();
      await append(id);
      await change(
        id,
        `expires_at = now() - interval '1 s', writer = gen_random_uuid(), writer_until = now() + interval '1 h'`,
      );
      expect(await collector.runOnce(NEVER)).toEqual(NOTHING);
      await change(id, `writer_until = now() - interval '1 s'`);
      expect(await collector.runOnce(NEVER)).toMatchObject({ expiredUploads: 1, deletedObjects: 0 });
      expect(await trash()).toMatchObject([{ pause: expect.closeTo(3_600, -2) }]);
      await passTime();
      expect(await collector.runOnce(NEVER)).toMatchObject({ deletedObjects: 1 });
    });

    it('discards an unfinished write even where its writer died before it left a note', async () => {
      const id = await start();
      await change(id, `expires_at = now() - interval '1 s'`);
      const discarded: [string, object | null][] = [];
      const store = storeWith(world.store, { discard: async (key, state) => void discarded.push([key, state]) });
      expect(await aCollector({ store }).runOnce(NEVER)).toMatchObject({ expiredUploads: 1, deletedObjects: 1 });
      expect(discarded).toEqual([[expect.stringMatching(/^blobs\//), null]]);
    });
  });

  describe('with a storage that fails', () => {
    it('deletes the others, and tries what is refused again after growing pauses', async () => {
      const [refused] = await inTrash(1);
      const others = await inTrash(4);
      let isRefusing = true;
      const store = storeWith(world.store, {
        delete: async (key) => {
          if (isRefusing && key === refused) throw new StorageUnavailableError(new Error('access denied'));
          await world.store.delete(key);
        },
      });
      const failing = aCollector({ store, batchSize: 2 });
      const pauses = [2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 3600, 3600];
      for (const [before, seconds] of pauses.entries()) {
        const began = await now();
        const deletedObjects = before === 0 ? 4 : 0;
        expect(await failing.runOnce(NEVER)).toMatchObject({ deletedObjects, failedDeletes: 1, failures: [] });
        const ended = await now();
        const [row] = await trash();
        expect(row).toMatchObject({
          object_key: refused,
          attempts: before + 1,
          last_error: expect.stringContaining('access denied'),
        });
        // The pause began somewhere in between, however long that was.
        expect(row?.due).toBeGreaterThanOrEqual(began + seconds);
        expect(row?.due).toBeLessThanOrEqual(ended + seconds);
        await untilTomorrow();
        expect(await failing.runOnce(NEVER)).toEqual(NOTHING);
        await passTime();
      }
      isRefusing = false;
      expect(await failing.runOnce(NEVER)).toMatchObject({ deletedObjects: 1 });
      for (const key of [refused as string, ...others]) expect(await world.store.stat(key)).toBeNull();
    });

    it('does not go through the whole trash while the storage is away', async () => {
      await inTrash(10);
      let asked = 0;
      const away = async (): Promise<never> => {
        asked++;
        throw new StorageUnavailableError(new Error('no answer'));
      };
      const outcome = await aCollector({ store: storeWith(world.store, { delete: away }), batchSize: 4 }).runOnce(
        NEVER,
      );
      expect(outcome).toMatchObject({ deletedObjects: 0, failedDeletes: 4, hasMore: false });
      expect(asked).toBe(4);
      await passTime();
      await collector.runOnce(NEVER);
    });
  });

  describe('that dies', () => {
    it('between an object and its row lets another delete it again', async () => {
      const [key] = await inTrash(1);
      const claimed = await new TrashRepository(world.database).claim(10);
      expect(claimed).toMatchObject([{ objectKey: key, attempts: 1 }]);
      await world.store.delete(key as string);
      expect(await collector.runOnce(NEVER)).toEqual(NOTHING);
      await passTime();
      expect(await collector.runOnce(NEVER)).toMatchObject({ deletedObjects: 1, failedDeletes: 0 });
      expect(await trash()).toEqual([]);
    });

    it('with objects in its hands gives them back after a while', async () => {
      const [key] = await inTrash(1);
      await new TrashRepository(world.database).claim(10);
      const [row] = await trash();
      expect(row?.pause).toBeGreaterThan(30);
      await passTime();
      expect(await collector.runOnce(NEVER)).toMatchObject({ deletedObjects: 1 });
      expect(await world.store.stat(key as string)).toBeNull();
    });
  });

  it('is stopped between two objects, and loses nothing', async () => {
    await inTrash(6);
    const stopping = new AbortController();
    const store = storeWith(world.store, {
      delete: async (key) => {
        stopping.abort();
        await world.store.delete(key);
      },
    });
    const stopped = await aCollector({ store, deleteConcurrency: 2 }).runOnce(stopping.signal);
    expect(stopped).toMatchObject({ deletedObjects: 2, hasMore: true });
    expect(await trash()).toHaveLength(4);
    await passTime();
    expect(await collector.runOnce(NEVER)).toMatchObject({ deletedObjects: 4 });
  });

  it('goes round: no step waits for another to run dry, and a pass ends', async () => {
    await inTrash(5);
    for (let count = 0; count < 5; count++) await world.endLeases(await client.pushBlob(someBytes()));
    const slow = aCollector({ batchSize: 1, maxRounds: 2 });
    const outcome = await slow.runOnce(NEVER);
    expect(outcome).toMatchObject({ expiredLinks: 2, collectedBlobs: 2, deletedObjects: 2, hasMore: true });
    expect(await aCollector({ batchSize: 2 }).runOnce(NEVER)).toMatchObject({
      expiredLinks: 3,
      collectedBlobs: 3,
      deletedObjects: 8,
      hasMore: false,
    });
  });

  it('does the other steps when one cannot be done', async () => {
    await inTrash(1);
    await world.database.rows('ALTER TABLE deleted_artifact RENAME TO elsewhere');
    try {
      const outcome = await collector.runOnce(NEVER);
      expect(outcome).toMatchObject({ deletedObjects: 1, failures: [{ step: 'artifacts', error: expect.anything() }] });
    } finally {
      await world.database.rows('ALTER TABLE elsewhere RENAME TO deleted_artifact');
    }
    expect(await collector.runOnce(NEVER)).toEqual(NOTHING);
  });

  it('shares the work with others: each row and each object once', async () => {
    await inTrash(60);
    for (let count = 0; count < 40; count++) await world.endLeases(await client.pushBlob(someBytes(10)));
    const deleted: string[] = [];
    const store = storeWith(world.store, {
      delete: async (key) => {
        deleted.push(key);
        await world.store.delete(key);
      },
    });
    const many = Array.from({ length: 4 }, () => aCollector({ store, batchSize: 5 }));
    const outcomes = await Promise.all(many.map((one) => one.runOnce(NEVER)));
    outcomes.push(await collector.runOnce(NEVER));
    const sum = (name: 'expiredLinks' | 'collectedBlobs' | 'deletedObjects') =>
      outcomes.reduce((total, outcome) => total + outcome[name], 0);
    expect([sum('expiredLinks'), sum('collectedBlobs'), sum('deletedObjects')]).toEqual([40, 40, 100]);
    expect(new Set(deleted).size).toBe(deleted.length);
  });
});

/** The same store, with some of its methods replaced. */
function storeWith(store: BlobStore, methods: Partial<BlobStore>): BlobStore {
  return Object.assign(Object.create(store) as BlobStore, bound(store), methods);
}

/** Its methods need the store they belong to. */
function bound(store: BlobStore): Partial<BlobStore> {
  return {
    stat: (key) => store.stat(key),
    delete: (key) => store.delete(key),
    discard: (key, state) => store.discard(key, state),
  };
}
