import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Digest } from '@breakwater/oci';
import { newObjectKey } from '@breakwater/storage';
import { mkdir, readFile, truncate, unlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { aFolder, type TestFolder } from '../testing/claims/whole.js';
import { type CollectionWorld, createCollectionWorld } from '../testing/collection-world.js';
import { anImage, byTag, type Client, digestOf, NEVER, someBytes } from '../testing/content.js';
import type { AuditOptions, AuditReport } from './audit.service.js';
import { createAudit } from './create-collector.js';

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

  const audit = (options: Partial<AuditOptions> = {}): Promise<AuditReport> =>
    createAudit(world.database, world.store).run({ isRehashing: false, ...options }, NEVER);

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

  it('can be interrupted', async () => {
    await client.pushBlob(someBytes());
    const interrupted = AbortSignal.abort(new Error('interrupted'));
    await expect(createAudit(world.database, world.store).run({ isRehashing: false }, interrupted)).rejects.toThrow(
      'interrupted',
    );
  });
});
