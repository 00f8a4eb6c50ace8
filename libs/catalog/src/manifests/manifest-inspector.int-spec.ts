import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { MediaType } from '@breakwater/oci';
import { wrongBookkeeping } from '../testing/bookkeeping.js';
import { type CatalogWorld, createCatalogWorld } from '../testing/catalog-world.js';
import { anImage, descriptorOf, digestOf, manifestOf } from '../testing/content.js';
import { aClient, artifactRow } from '../testing/told.js';

describe('ManifestService.put', () => {
  let world: CatalogWorld;

  beforeAll(async () => {
    world = await createCatalogWorld();
  });
  afterEach(async () => expect(await wrongBookkeeping(world.database)).toEqual({}));
  afterAll(() => world.close());

  describe('describes', () => {
    it('an image by its config', async () => {
      const client = await aClient(world);
      const image = anImage({}, { architecture: 'arm64', os: 'linux', config: { Env: ['A=1'] }, author: 'Ada' });
      await client.push(image);
      expect(await artifactRow(world, image.digest)).toMatchObject({
        type: 'IMAGE',
        media_type: MediaType.OciConfig,
        artifact_type: MediaType.OciConfig,
        extra_attributes: { architecture: 'arm64', os: 'linux', config: { Env: ['A=1'] }, author: 'Ada' },
      });
    });

    it.each<[string, Buffer]>([
      ['no JSON', Buffer.from('\u0000\u0001\u0002')],
      ['JSON of another shape', Buffer.from('[1, "two"]')],
      [
        'text that PostgreSQL cannot hold',
        Buffer.from(String.raw`{"os":"li\u0000nux","config":{"\u0000\ud800":"\udc00"}}`),
      ],
      ['numbers without end', Buffer.from('{"config":{"a":1e999}}')],
      ['nesting without end', Buffer.from(`{"config":${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}}`)],
    ])('as well as it can when the config is %s', async (_, config) => {
      const client = await aClient(world);
      const image = anImage({}, config);
      expect((await client.push(image)).isNew).toBe(true);
      expect(await artifactRow(world, image.digest)).toMatchObject({ type: 'IMAGE' });
    });

    it('a chart by its type', async () => {
      const client = await aClient(world);
      const config = Buffer.from('{"name":"web","version":"1.0.0"}');
      const chart = manifestOf(MediaType.OciManifest, [config], {
        schemaVersion: 2,
        config: descriptorOf(config, MediaType.HelmConfig),
        layers: [],
      });
      await client.push(chart);
      const expected = { type: 'CHART', extra_attributes: { name: 'web', version: '1.0.0' } };
      expect(await artifactRow(world, chart.digest)).toMatchObject(expected);
    });

    it('nothing whose config the storage has lost: the push is refused', async () => {
      const client = await aClient(world);
      const image = anImage();
      for (const blob of image.blobs) await client.pushBlob(blob);
      const digest = digestOf(image.blobs[0] as Buffer);
      const config = await client.catalog.blobs.find(client.repository, digest);
      await world.store.delete(config?.objectKey ?? '');
      await expect(client.put(image)).rejects.toMatchObject({ code: 'MANIFEST_BLOB_UNKNOWN', missing: [digest] });
    });

    it('is listed from its first manifest on', async () => {
      const client = await aClient(world);
      await client.push(anImage());
      const [{ listed_at } = { listed_at: null }] = await world.database.rows<{ listed_at: Date | null }>(
        'SELECT listed_at FROM repository WHERE name = $1',
        [client.repository],
      );
      expect(listed_at).not.toBeNull();
    });
  });
});
