import type { Digest } from '@breakwater/oci';
import { newObjectKey, ObjectMissingError } from '@breakwater/storage';
import { describeWithS3 } from '@breakwater/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { buffer } from 'node:stream/consumers';
import { createAudit, createCollector } from '../collection/create-collector.js';
import {
  aBucket,
  type CatalogWorld,
  CI,
  createCatalogWorld,
  filesInTemporaryFolder,
} from '../testing/catalog-world.js';
import { anImage, byTag, Client, digestOf, NEVER, someBytes } from '../testing/content.js';
import { brokenOwnership } from '../testing/ownership.js';
import { untilBlocked } from '../testing/stepping.js';
import type { StoredBlob } from './stored-blob.js';

describe('a lost blob in a folder', () => heals(filesInTemporaryFolder));
describeWithS3('a lost blob in a bucket', () => heals(aBucket));

function heals(storage: typeof filesInTemporaryFolder): void {
  let world: CatalogWorld;
  let client: Client;
  let other: Client;
  let content: Buffer;
  let digest: Digest;
  let lostKey: string;

  beforeAll(async () => {
    world = await createCatalogWorld(storage);
  });
  beforeEach(async () => {
    const project = await world.aProject();
    client = new Client(world.catalog, project, project.repository('app'), CI);
    other = new Client(world.catalog, project, project.repository('other'), CI);
    content = someBytes();
    digest = await client.pushBlob(content);
    lostKey = (await stored()).objectKey;
    await world.store.delete(lostKey);
  });
  afterEach(async () => {
    await createCollector(world.database, world.store, { graceSeconds: 0 }).runOnce(NEVER);
    expect(await brokenOwnership(world.database, world.store)).toEqual([]);
    expect(await createAudit(world.database, world.store).run({ isRehashing: true }, NEVER)).toMatchObject({
      isWell: true,
    });
  });
  afterAll(() => world.close());

  const blobs = () => world.catalog.blobs;
  async function stored(): Promise<StoredBlob> {
    const blob = await blobs().find(client.repository, digest);
    if (blob === null) throw new Error('there is no such blob');
    return blob;
  }
  const read = async (): Promise<Buffer> => buffer((await world.store.read((await stored()).objectKey)).stream());

  it('is healed by whoever pushes it, to any repository, though nobody had noticed', async () => {
    await expect(read()).rejects.toThrow(ObjectMissingError);
    await other.pushBlob(content);
    expect(await read()).toEqual(content);
    expect((await stored()).objectKey).not.toBe(lostKey);
    const trashed = await world.database.rows('SELECT reason FROM trash WHERE object_key = $1', [lostKey]);
    expect(trashed).toEqual([{ reason: 'duplicate' }]);
  });

  it('is marked by a reader, cannot be mounted, and is healed by the upload that comes instead', async () => {
    await blobs().noteRead(await stored(), false);
    expect(await stored()).toMatchObject({ isLost: true });
    expect(await other.mount(digest, client.repository)).toBeNull();
    await other.pushBlob(content);
    expect(await stored()).toMatchObject({ isLost: false });
    expect(await read()).toEqual(content);
  });

  it('is healed once by pushes that come together, of which one object stays', async () => {
    await Promise.all([client, other, client, other].map((one) => one.pushBlob(content)));
    expect(await read()).toEqual(content);
    const sql = 'SELECT count(*)::int AS blobs FROM blob WHERE digest = $1';
    expect(await world.database.rows(sql, [digest])).toEqual([{ blobs: 1 }]);
  });

  it('is healed by a push that waited for another one, whose object is lost by then', async () => {
    const late = someBytes();
    const lateDigest = digestOf(late);
    const [taken, over] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const faster = world.database.unitOfWork.run(async (tx) => {
      const values = [lateDigest, late.length, newObjectKey()];
      await tx.execute('INSERT INTO blob (digest, size_bytes, object_key, lost_at) VALUES ($1, $2, $3, now())', values);
      taken.resolve();
      await over.promise;
    });
    await taken.promise;
    const pushing = client.pushBlob(late);
    await untilBlocked(world.database);
    over.resolve();
    await faster;
    digest = await pushing;
    expect(await stored()).toMatchObject({ isLost: false });
    expect(await read()).toEqual(late);
    await client.pushBlob(content);
  });

  it('is marked by the audit, if it is told to, and never in a row that has another object by now', async () => {
    const before = await stored();
    const audit = (isMarking: boolean) =>
      createAudit(world.database, world.store).run({ isRehashing: false, isMarking }, NEVER);
    expect(await audit(false)).toMatchObject({ missing: { count: 1 } });
    expect(await stored()).toMatchObject({ isLost: false });
    expect(await audit(true)).toMatchObject({ missing: { count: 1 } });
    expect(await stored()).toMatchObject({ isLost: true });
    await client.pushBlob(content);
    await blobs().noteRead(before, false);
    expect(await stored()).toMatchObject({ isLost: false });
  });

  it('loses its mark when it can be read again', async () => {
    await blobs().noteRead(await stored(), false);
    await blobs().noteRead(await stored(), true);
    expect(await stored()).toMatchObject({ isLost: false });
    await client.pushBlob(content);
  });

  it('comes back with its image', async () => {
    const image = anImage();
    await client.push(image, byTag('v1'));
    const [config] = image.blobs as [Buffer];
    digest = await client.pushBlob(config);
    await world.store.delete((await stored()).objectKey);
    await client.push(image, byTag('v1'));
    expect(await read()).toEqual(config);
    digest = await client.pushBlob(content);
  });
}
