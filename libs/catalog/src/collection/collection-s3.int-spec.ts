import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { newObjectKey } from '@breakwater/storage';
import { describeWithS3 } from '@breakwater/testing';
import { Readable } from 'node:stream';
import { aBucket } from '../testing/catalog-world.js';
import { type CollectionWorld, createCollectionWorld } from '../testing/collection-world.js';
import { chunkOf, type Client, digestOf, NEVER, someBytes } from '../testing/content.js';
import { createCollector } from './create-collector.js';

const PART_BYTES = 8 * 2 ** 20;

/** An unfinished upload leaves parts and tails beside its object, some of which no row knows of. */
describeWithS3('the collector over S3', () => {
  let world: CollectionWorld;
  let client: Client;
  let id: string;
  let key: string;

  beforeAll(async () => {
    world = await createCollectionWorld(false, aBucket);
  });
  beforeEach(async () => {
    client = await world.aClient();
    ({ id } = await client.catalog.uploads.start(client.project, client.repository, client.principal));
    const sql = 'SELECT object_key FROM upload WHERE id = $1';
    key = (await world.database.rows<{ object_key: string }>(sql, [id]))[0]?.object_key ?? '';
  });
  afterEach(async () => expect(await world.audit()).toMatchObject({ isWell: true }));
  afterAll(() => world.close());

  async function stored(): Promise<string[]> {
    const keys: string[] = [];
    for await (const page of world.store.list('blobs/')) keys.push(...page.map((object) => object.key));
    return keys;
  }

  async function collect(): Promise<void> {
    await world.database.rows(`UPDATE upload SET expires_at = now() - interval '1 s' RETURNING id`);
    const outcome = await createCollector(world.database, world.store, { graceSeconds: 0 }).runOnce(NEVER);
    expect(outcome).toMatchObject({ expiredUploads: 1, deletedObjects: 1, failedDeletes: 0, failures: [] });
  }

  it('removes the tail of an upload that ended', async () => {
    await client.catalog.uploads.append(client.repository, client.principal, id, chunkOf(someBytes()));
    expect(await stored()).toEqual([expect.stringMatching(`^${key}[.]tail/`)]);
    await collect();
    expect(await stored()).toEqual([]);
  });

  it('removes parts and tails that a killed process had stored and not recorded', async () => {
    const writer = await world.store.openWriter(key, null, { hash: 'none' });
    await writer.append(Readable.from([Buffer.alloc(PART_BYTES), someBytes()]));
    const state = writer.state();
    await writer.close();
    expect(await stored()).toEqual([expect.stringMatching(`^${key}[.]tail/`)]);
    await collect();
    expect(await stored()).toEqual([]);
    // The parts are gone too: nobody can go on with them.
    const late = await world.store.openWriter(key, state, { hash: 'none' });
    await expect(late.complete()).rejects.toThrow();
    await late.close();
  });

  it('is not told apart from what goes on by the audit, but from what nobody owns', async () => {
    await client.catalog.uploads.append(client.repository, client.principal, id, chunkOf(someBytes()));
    expect(await world.audit()).toMatchObject({ isWell: true });
    const stray = newObjectKey();
    const writer = await world.store.openWriter(stray, null, { hash: 'none' });
    await writer.append(Readable.from([someBytes()]));
    const examples = [expect.stringMatching(`^${stray}[.]tail/`)];
    expect(await world.audit()).toMatchObject({ isWell: false, unowned: { count: 1, examples } });
    await world.store.discard(stray, writer.state());
    await writer.close();
    await collect();
  });

  it('deletes blobs as it does over files', async () => {
    const content = someBytes();
    await client.catalog.uploads.finish(client.repository, client.principal, id, digestOf(content), chunkOf(content));
    await world.endLeases(digestOf(content));
    const outcome = await createCollector(world.database, world.store, { graceSeconds: 0 }).runOnce(NEVER);
    expect(outcome).toMatchObject({ expiredLinks: 1, collectedBlobs: 1, deletedObjects: 1, deletedBytes: 1_000 });
    expect(await stored()).toEqual([]);
  });
});
