import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { MediaType } from '@breakwater/oci';
import { wrongBookkeeping } from '../testing/bookkeeping.js';
import { type CatalogWorld, CI, createCatalogWorld } from '../testing/catalog-world.js';
import {
  anImage,
  anIndex,
  byDigest,
  byTag,
  Client,
  descriptorOf,
  digestOf,
  manifestOf,
  someBytes,
  type TestImage,
} from '../testing/content.js';
import { aClient, artifactRow, kindsTold } from '../testing/told.js';
import { ManifestBlobUnknownError } from './manifest.errors.js';

describe('ManifestService.put, by what a manifest names', () => {
  let world: CatalogWorld;

  beforeAll(async () => {
    world = await createCatalogWorld();
  });
  afterEach(async () => expect(await wrongBookkeeping(world.database)).toEqual({}));
  afterAll(() => world.close());

  describe('with what it names', () => {
    it('names all that is missing, and leaves no trace of the attempt', async () => {
      const client = await aClient(world);
      const [here, gone] = [anImage(), anImage()];
      const missing = gone.blobs.map((blob) => digestOf(blob));
      await expect(client.put(gone, byTag('v1'))).rejects.toMatchObject({ missing });
      const sql = 'SELECT 1 FROM repository WHERE name = $1';
      expect(await world.database.rows(sql, [client.repository])).toEqual([]);
      await client.push(here);
      await expect(client.put(anIndex([here.descriptor, gone.descriptor]))).rejects.toMatchObject({
        missing: [gone.digest],
      });
      expect(await kindsTold(world, client)).toEqual(['repository-created', 'artifact-pushed']);
    });

    it('does not find content that only another repository holds', async () => {
      const client = await aClient(world);
      const image = anImage();
      await client.push(image);
      const other = new Client(world.catalog, client.project, client.repository.replace('/app', '/other') as never, CI);
      await expect(other.put(image)).rejects.toThrow(ManifestBlobUnknownError);
      await expect(other.put(anIndex([image.descriptor]))).rejects.toThrow(ManifestBlobUnknownError);
    });

    it.each<[string, () => TestImage]>([
      ['foreign layers that were never pushed', imageWithForeignLayers],
      ['one blob named twice', imageOfEmptyBlobs],
      ['no layers', () => anImage({ layers: [] })],
      [
        'unknown fields and inline data',
        () => anImage({ 'org.example.custom': { deep: [1] }, annotations: { a: 'b' } }),
      ],
      ['an index of nothing', () => anIndex([])],
      [
        'an index that names its kind',
        () => anIndex([], { artifactType: 'application/vnd.example', annotations: { a: '1' } }),
      ],
    ])('takes %s', async (_, make) => {
      const client = await aClient(world);
      const image = make();
      expect(await client.push(image, byTag('v1'))).toMatchObject({ digest: image.digest, isNew: true });
      expect(await client.digestOf(byTag('v1'))).toBe(image.digest);
    });

    it('takes an index of blobs, as BuildKit wrote its cache', async () => {
      const client = await aClient(world);
      const [layer, config] = [someBytes(), Buffer.from('{"layers":[]}')];
      for (const blob of [layer, config]) await client.pushBlob(blob);
      const index = anIndex([
        descriptorOf(layer, MediaType.OciLayerGzip),
        descriptorOf(config, MediaType.BuildkitCacheConfig),
      ]);
      await client.put(index, byTag('cache'));
      await expect(client.catalog.blobs.delete(client.repository, digestOf(layer))).rejects.toThrow('is needed by');
      expect(await artifactRow(world, index.digest)).toMatchObject({
        size_bytes: String(index.manifest.byteLength + layer.byteLength + config.byteLength),
      });
    });

    it('counts the parents of a child and adds up sizes, each child once', async () => {
      const client = await aClient(world);
      const image = anImage();
      await client.push(image);
      const inner = anIndex([image.descriptor, image.descriptor]);
      const outer = anIndex([inner.descriptor, image.descriptor]);
      await client.put(inner);
      await client.put(outer);
      const blobs = image.blobs.reduce((sum, blob) => sum + blob.byteLength, 0);
      const size = image.manifest.byteLength + blobs;
      expect(await artifactRow(world, image.digest)).toMatchObject({ parent_count: 2, size_bytes: String(size) });
      const innerSize = inner.manifest.byteLength + size;
      expect(await artifactRow(world, inner.digest)).toMatchObject({ parent_count: 1, size_bytes: String(innerSize) });
      expect(await artifactRow(world, outer.digest)).toMatchObject({
        parent_count: 0,
        size_bytes: String(outer.manifest.byteLength + innerSize + size),
      });
    });

    it('does not believe sizes that add up to nothing sensible', async () => {
      const client = await aClient(world);
      const image = anImage();
      const size = Number.MAX_SAFE_INTEGER;
      const huge = imageWithForeignLayers(Array.from({ length: 2_000 }, () => ({ size })));
      await client.push(image);
      await client.push(huge);
      expect(await artifactRow(world, huge.digest)).toMatchObject({ size_bytes: String(size) });
    });
  });

  describe('in a project that allows gaps', () => {
    it('takes a manifest whose content comes later, and protects it from then on', async () => {
      const client = await aClient(world, { sparse_content: 'true' });
      const image = anImage();
      await client.put(image, byTag('v1'));
      for (const blob of image.blobs) await client.pushBlob(blob);
      const layer = digestOf(image.blobs[1] as Buffer);
      await expect(client.catalog.blobs.delete(client.repository, layer)).rejects.toThrow('is needed by');
    });

    it('takes an index whose children come later, and then knows them as its own', async () => {
      const client = await aClient(world, { sparse_content: 'true' });
      const image = anImage();
      const inner = anIndex([image.descriptor]);
      const outer = anIndex([inner.descriptor, image.descriptor]);
      await client.put(outer, byTag('outer'));
      await client.put(inner);
      await client.push(image);
      const size = Number((await artifactRow(world, image.digest))['size_bytes']);
      expect(await artifactRow(world, image.digest)).toMatchObject({ parent_count: 2 });
      expect(await artifactRow(world, inner.digest)).toMatchObject({
        parent_count: 1,
        size_bytes: String(inner.manifest.byteLength + size),
      });
      expect(await artifactRow(world, outer.digest)).toMatchObject({
        size_bytes: String(outer.manifest.byteLength + inner.manifest.byteLength + 2 * size),
      });
      await expect(client.delete(byDigest(image.digest))).rejects.toThrow('is held by');
    });

    it('beside the arrival of the content: the gap is filled, whoever was first', async () => {
      const client = await aClient(world, { sparse_content: 'true' });
      for (let round = 0; round < 15; round++) {
        const image = anImage();
        const index = anIndex([image.descriptor]);
        await Promise.all([client.put(index), client.put(image), ...image.blobs.map((blob) => client.pushBlob(blob))]);
        expect(await artifactRow(world, image.digest)).toMatchObject({ parent_count: 1 });
        // The rest is what afterEach asks the audit.
      }
    });
  });
});

function imageWithForeignLayers(over: readonly Record<string, unknown>[] = [{}, {}]): TestImage {
  const urls = ['https://example.com/layer'];
  return anImage({
    layers: over.map((more) => descriptorOf(someBytes(10), MediaType.DockerForeignLayerGzip, { urls, ...more })),
  });
}

function imageOfEmptyBlobs(): TestImage {
  const empty = Buffer.from('{}');
  const descriptor = descriptorOf(empty, MediaType.OciEmpty, { data: 'e30=' });
  return manifestOf(MediaType.OciManifest, [empty], {
    schemaVersion: 2,
    mediaType: MediaType.OciManifest,
    artifactType: 'application/vnd.example.thing',
    config: descriptor,
    layers: [descriptor],
    'org.example.salt': someBytes(8).toString('hex'),
  });
}
