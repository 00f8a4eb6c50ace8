import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { AppError } from '@breakwater/errors';
import type { Digest } from '@breakwater/oci';
import { type BlobStore, newObjectKey } from '@breakwater/storage';
import { mkdir, readFile, truncate, unlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { filesInTemporaryFolder } from '../testing/catalog-world.js';
import { aFolder, type TestFolder } from '../testing/claims/whole.js';
import { type CollectionWorld, createCollectionWorld } from '../testing/collection-world.js';
import { anImage, anIndex, byDigest, byTag, chunkOf, Client, digestOf, NEVER, someBytes } from '../testing/content.js';
import type { AuditOptions, AuditReport } from './audit.service.js';
import { createAudit, createCollector } from './create-collector.js';

describe('Audit', () => {
  let folder: TestFolder;
  let world: CollectionWorld;
  let client: Client;

  beforeAll(async () => {
    folder = await aFolder();
    world = await createCollectionWorld(false, async () => folder);
  });
  beforeEach(async () => {
    client = await world.aClient();
  });
  afterAll(() => world.close());

  const audit = (options: Partial<AuditOptions> = {}, store: BlobStore = world.store): Promise<AuditReport> =>
    createAudit(world.database, store).run({ isRehashing: false, ...options }, NEVER);

  const NOTHING = { count: 0, examples: [] };

  async function pathOf(digest: string): Promise<string> {
    const sql = 'SELECT object_key FROM blob WHERE digest = $1';
    const [row] = await world.database.rows<{ object_key: string }>(sql, [digest]);
    return join(folder.config.root, row?.object_key ?? '');
  }

  async function put(key: string, bytes: Uint8Array = Buffer.from('nobody knows me')): Promise<string> {
    const path = join(folder.config.root, key);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, bytes);
    return path;
  }

  it('tells what there is, and that all is well', async () => {
    await client.push(anImage(), byTag('v1'));
    await client.catalog.uploads.start(client.project, client.repository, client.principal);
    const progress: object[] = [];
    const report = await audit({ isRehashing: true, onProgress: (so) => progress.push(so) });
    expect(report).toMatchObject({
      isWell: true,
      totals: { blobs: 2, condemned: 0, artifacts: 1, uploads: 1, trash: 0, deletedArtifacts: 0 },
      missing: NOTHING,
      corrupt: NOTHING,
      unowned: NOTHING,
    });
    expect(report.rehashedBytes).toBe(report.totals.blobBytes);
    expect(progress.at(-1)).toEqual({ objects: 2, bytes: report.totals.blobBytes });
  });

  describe('finds', () => {
    let content: Buffer;
    let digest: Digest;
    let path: string;

    beforeEach(async () => {
      content = someBytes();
      digest = await client.pushBlob(content);
      path = await pathOf(digest);
    });
    afterEach(async () => {
      await writeFile(path, content);
      expect(await world.audit()).toMatchObject({ isWell: true });
    });

    it('a lost object', async () => {
      await unlink(path);
      expect(await audit()).toMatchObject({ isWell: false, missing: { count: 1, examples: [digest] } });
      expect(await audit({ isRehashing: true })).toMatchObject({
        isWell: false,
        missing: { count: 1 },
        corrupt: NOTHING,
      });
    });

    it('an object that is too short, or too long', async () => {
      await truncate(path, 999);
      expect(await audit()).toMatchObject({ isWell: false, missing: { count: 1, examples: [digest] } });
      await writeFile(path, Buffer.concat([content, content]));
      expect(await audit({ isRehashing: true })).toMatchObject({ isWell: false, missing: { count: 1 } });
    });

    it('a flipped bit, if it reads every byte', async () => {
      const bytes = await readFile(path);
      bytes[500] = (bytes[500] as number) ^ 1;
      await writeFile(path, bytes);
      expect(await audit()).toMatchObject({ isWell: true, corrupt: NOTHING });
      expect(await audit({ isRehashing: true })).toMatchObject({
        isWell: false,
        corrupt: { count: 1, examples: [digest] },
      });
    });

    it('an object that nobody owns', async () => {
      const key = newObjectKey();
      const stray = await put(key);
      expect(await audit()).toMatchObject({ isWell: false, unowned: { count: 1, examples: [key] } });
      await unlink(stray);
    });

    it('a tail that nobody owns, and none of an upload that goes on', async () => {
      const { id } = await client.catalog.uploads.start(client.project, client.repository, client.principal);
      const sql = 'SELECT object_key FROM upload WHERE id = $1';
      const [upload] = await world.database.rows<{ object_key: string }>(sql, [id]);
      const owned = await put(`${upload?.object_key}.tail/7`);
      expect(await audit()).toMatchObject({ isWell: true });
      const key = `${newObjectKey()}.tail/7`;
      const stray = await put(key);
      expect(await audit()).toMatchObject({ isWell: false, unowned: { count: 1, examples: [key] } });
      await Promise.all([unlink(owned), unlink(stray)]);
    });

    it('a tail of an upload that has become a blob, or whose blob is on its way out', async () => {
      const sql = 'SELECT object_key FROM blob WHERE digest = $1';
      const [blob] = await world.database.rows<{ object_key: string }>(sql, [digest]);
      await world.database.rows(
        `INSERT INTO trash (object_key, size_bytes, reason, delete_after)
         SELECT key, 1, reason, now() + interval '1 day' FROM (VALUES ('blobs/ff/gone', 'collected'), ('blobs/ff/open', 'expired')) AS one (key, reason)
         RETURNING object_key`,
      );
      const left = [`${blob?.object_key}.tail/7`, 'blobs/ff/gone.tail/7'];
      const paths = await Promise.all([...left, 'blobs/ff/open.tail/7'].map((key) => put(key)));
      const report = await audit();
      expect(report).toMatchObject({ isWell: false, unowned: { count: 2 } });
      expect(report.unowned.examples.toSorted()).toEqual(left.toSorted());
      await Promise.all(paths.map((one) => unlink(one)));
      await world.database.rows(`DELETE FROM trash WHERE object_key LIKE 'blobs/ff/%' RETURNING object_key`);
    });

    it('only what is wrong among thousands, wherever it is', async () => {
      const objects = Array.from({ length: 2_500 }, () => ({ key: newObjectKey(), bytes: someBytes(9) }))
        .map((object) => ({ ...object, digest: digestOf(object.bytes) }))
        .sort((one, other) => (one.key < other.key ? -1 : 1));
      await world.database.rows(
        `INSERT INTO blob (digest, size_bytes, object_key, condemned_at)
         SELECT digest, 9, key, now() FROM unnest($1::text[], $2::text[]) AS one (digest, key) RETURNING id`,
        [objects.map((object) => object.digest), objects.map((object) => object.key)],
      );
      const lost = [0, 999, 1_000, 1_700, 2_499].map((index) => objects[index]?.digest);
      await Promise.all(
        objects.filter((object) => !lost.includes(object.digest)).map(({ key, bytes }) => put(key, bytes)),
      );
      const stray = newObjectKey();
      await put(stray);
      const report = await audit({ isRehashing: true });
      expect(report).toMatchObject({
        missing: { count: 5 },
        unowned: { count: 1, examples: [stray] },
        corrupt: NOTHING,
      });
      expect(report.missing.examples.toSorted()).toEqual(lost.toSorted());
      await world.database.rows('DELETE FROM blob WHERE size_bytes = 9 RETURNING id');
      for (const { key } of [...objects, { key: stray }]) await world.store.delete(key);
    });
  });

  describe('finds rows that contradict each other:', () => {
    afterEach(async () => expect(await world.audit()).toMatchObject({ isWell: true }));

    const change = (sql: string, parameters: string[] = []) => world.database.rows(`${sql} RETURNING 1`, parameters);
    const found = async () => {
      const report = await audit();
      expect(report.isWell).toBe(false);
      return Object.fromEntries(Object.entries(report.bookkeeping).filter(([, count]) => count > 0));
    };
    const idOf = async (digest: string, table = 'blob') =>
      (await world.database.rows<{ id: string }>(`SELECT id FROM ${table} WHERE digest = $1`, [digest]))[0]?.id ?? '';

    it('a link without a lease that no manifest needs', async () => {
      const id = await idOf(await client.pushBlob(someBytes()));
      await change('UPDATE repository_blob SET lease_until = NULL WHERE blob_id = $1', [id]);
      expect(await found()).toEqual({ linksHeldByNothing: 1 });
      await change('UPDATE repository_blob SET lease_until = now() WHERE blob_id = $1', [id]);
    });

    it('a lease on what a manifest needs', async () => {
      const image = anImage();
      await client.push(image);
      const id = await idOf(digestOf(image.blobs[0] as Buffer));
      await change('UPDATE repository_blob SET lease_until = now() WHERE blob_id = $1', [id]);
      expect(await found()).toEqual({ neededLinksOnLease: 1 });
      await change('UPDATE repository_blob SET lease_until = NULL WHERE blob_id = $1', [id]);
    });

    it('a gap although the content is here: a layer, a child, a blob in an index', async () => {
      const image = anImage();
      await client.push(image);
      const cache = someBytes();
      const digest = await client.pushBlob(cache);
      const index = anIndex([
        image.descriptor,
        { mediaType: 'application/octet-stream', digest, size: cache.byteLength },
      ]);
      await client.put(index);
      const [imageId, indexId] = [await idOf(image.digest, 'artifact'), await idOf(index.digest, 'artifact')];
      const before = await world.database.rows<{
        artifact_id: string;
        position: number;
        blob_id: string;
        child_id: string;
      }>(
        'SELECT artifact_id, position, blob_id, child_id FROM artifact_reference WHERE artifact_id = ANY ($1::bigint[])',
        [[imageId, indexId]],
      );
      await change(
        `UPDATE artifact_reference SET blob_id = NULL, child_id = NULL WHERE artifact_id IN (${imageId}, ${indexId})`,
      );
      expect(await found()).toMatchObject({ referencesNotFilled: 4 });
      for (const { artifact_id, position, blob_id, child_id } of before)
        await world.database.rows(
          'UPDATE artifact_reference SET blob_id = $3, child_id = $4 WHERE artifact_id = $1 AND position = $2 RETURNING 1',
          [artifact_id, position, blob_id, child_id],
        );
    });

    it.each(['tag_count', 'parent_count'])('a wrong %s', async (count) => {
      const image = anImage();
      await client.push(image, byTag('v1'));
      const id = await idOf(image.digest, 'artifact');
      await change(`UPDATE artifact SET ${count} = ${count} + 1 WHERE id = $1`, [id]);
      expect(await found()).toEqual({ wrongCounts: 1 });
      await change(`UPDATE artifact SET ${count} = ${count} - 1 WHERE id = $1`, [id]);
    });

    it('a blob that nobody links and that is not condemned', async () => {
      const digest = await client.pushBlob(someBytes());
      await client.catalog.blobs.delete(client.repository, digest);
      await change('UPDATE blob SET condemned_at = NULL WHERE digest = $1', [digest]);
      expect(await found()).toEqual({ blobsOwnedByNothing: 1 });
      await change('UPDATE blob SET condemned_at = now() WHERE digest = $1', [digest]);
    });

    it('a blob that is condemned and linked, or kept for a deleted artifact', async () => {
      const image = anImage();
      await client.push(image);
      const [config, layer] = image.blobs as [Buffer, Buffer];
      await change('UPDATE blob SET condemned_at = now() WHERE digest = $1', [digestOf(config)]);
      expect(await found()).toEqual({ condemnedYetOwned: 1 });
      await change('UPDATE blob SET condemned_at = NULL WHERE digest = $1', [digestOf(config)]);
      await client.delete(byDigest(image.digest));
      await client.catalog.blobs.delete(client.repository, digestOf(layer));
      await change('UPDATE blob SET condemned_at = now() WHERE digest = $1', [digestOf(layer)]);
      expect(await found()).toEqual({ condemnedYetOwned: 1 });
      await change('UPDATE blob SET condemned_at = NULL WHERE digest = $1', [digestOf(layer)]);
    });
  });

  describe('looks twice, and does not report', () => {
    it('a blob that was pushed after its stretch of the storage was listed', async () => {
      const store = storeThat(world.store, { afterList: () => client.pushBlob(someBytes()) });
      expect(await audit({ isRehashing: true }, store)).toMatchObject({ isWell: true });
    });

    it('a blob that was collected after its row was read', async () => {
      const digest = await client.pushBlob(someBytes());
      const store = storeThat(world.store, {
        hidesFromList: await pathOf(digest),
        beforeStat: () => collect(digest),
      });
      expect(await audit({}, store)).toMatchObject({ isWell: true, missing: NOTHING });
    });

    it('a blob that was collected just before it is read', async () => {
      const digest = await client.pushBlob(someBytes());
      const path = await pathOf(digest);
      const beforeRead = async (key: string) => (path.endsWith(key) ? collect(digest) : undefined);
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

  it('can be interrupted', async () => {
    await client.pushBlob(someBytes());
    const interrupted = AbortSignal.abort(new Error('interrupted'));
    await expect(createAudit(world.database, world.store).run({ isRehashing: false }, interrupted)).rejects.toThrow(
      'interrupted',
    );
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
  }, 120_000);
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
      for await (const page of store.list(prefix))
        yield page.filter(({ key }) => hidesFromList?.endsWith(key) !== true);
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
