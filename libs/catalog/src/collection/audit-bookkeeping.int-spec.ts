import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type CollectionWorld, createCollectionWorld } from '../testing/collection-world.js';
import { anImage, anIndex, byDigest, byTag, type Client, digestOf, NEVER, someBytes } from '../testing/content.js';
import { createAudit } from './create-collector.js';

describe('Audit finds rows that contradict each other:', () => {
  let world: CollectionWorld;
  let client: Client;

  beforeAll(async () => {
    world = await createCollectionWorld();
  });
  beforeEach(async () => {
    client = await world.aClient();
  });
  afterAll(() => world.close());
  afterEach(async () => expect(await world.audit()).toMatchObject({ isWell: true }));

  const change = (sql: string, parameters: string[] = []) => world.database.rows(`${sql} RETURNING 1`, parameters);
  const found = async () => {
    const report = await createAudit(world.database, world.store).run({ isRehashing: false }, NEVER);
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
