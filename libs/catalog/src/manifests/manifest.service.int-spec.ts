import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type Digest, MediaType, Tag } from '@breakwater/oci';
import { AuditRepository } from '../collection/audit.repository.js';
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
  pushOf,
  someBytes,
  type TestImage,
} from '../testing/content.js';
import { DigestMismatchError } from '../uploads/upload.errors.js';
import { ManifestBlobUnknownError } from './manifest.errors.js';

const PUSHED = 'events.catalog.artifact-pushed.v1';

describe('ManifestService.put', () => {
  let world: CatalogWorld;

  beforeAll(async () => {
    world = await createCatalogWorld();
  });
  afterEach(async () => {
    const { linksHeldByNothing, neededLinksOnLease, referencesNotFilled, wrongCounts } = await new AuditRepository(
      world.database,
    ).bookkeeping();
    expect({ linksHeldByNothing, neededLinksOnLease, referencesNotFilled, wrongCounts }).toEqual({
      linksHeldByNothing: 0,
      neededLinksOnLease: 0,
      referencesNotFilled: 0,
      wrongCounts: 0,
    });
  });
  afterAll(() => world.close());

  async function aClient(metadata?: Record<string, string>): Promise<Client> {
    const project = await world.aProject(metadata);
    return new Client(world.catalog, project, project.repository(), CI);
  }

  async function row(digest: Digest): Promise<Record<string, unknown>> {
    const [found = {}] = await world.database.rows<Record<string, unknown>>(
      'SELECT * FROM artifact WHERE digest = $1',
      [digest],
    );
    return found;
  }

  /** What was told of a client's repository, by the last word but one of the subject. */
  async function told(client: Client): Promise<(readonly [string, Record<string, unknown>])[]> {
    const rows = await world.database.rows<{ subject: string; payload: Record<string, unknown> }>(
      `SELECT subject, payload FROM outbox_event WHERE payload ->> 'repository' = $1 ORDER BY id`,
      [client.repository],
    );
    return rows.map(({ subject, payload }) => [subject.split('.').at(-2) ?? '', payload] as const);
  }

  const kindsOf = async (client: Client) => (await told(client)).map(([kind]) => kind);

  describe('by tag and by digest', () => {
    it('makes a manifest readable, byte for byte, under both', async () => {
      const client = await aClient();
      const image = anImage();
      const pushed = await client.push(image, byTag('v1'));
      expect(pushed).toEqual({ digest: image.digest, subject: null, tags: ['v1'], isNew: true });
      for (const reference of [byTag('v1'), byDigest(image.digest)]) {
        const found = await client.find(reference);
        expect(found).toMatchObject({ digest: image.digest, mediaType: image.mediaType });
        expect(found?.sizeBytes).toBe(image.manifest.byteLength);
        expect((await client.catalog.artifacts.content(found as never)).equals(image.manifest)).toBe(true);
      }
    });

    it('takes every tag of a push, and tells them all', async () => {
      const client = await aClient();
      const image = anImage();
      const { tags } = await client.push(image, byDigest(image.digest), ['1', '1.2', '1.2.3', '1']);
      expect(tags).toEqual(['1', '1.2', '1.2.3']);
      for (const tag of tags) expect(await client.digestOf(byTag(tag))).toBe(image.digest);
      expect(await kindsOf(client)).toEqual([
        'repository-created',
        'artifact-pushed',
        'tag-created',
        'tag-created',
        'tag-created',
      ]);
    });

    it('keeps the algorithm of the digest that the client pushes by', async () => {
      const client = await aClient();
      const image = anImage();
      const digest = digestOf(image.manifest, 'sha512');
      await client.push(image, byDigest(digest), ['long']);
      expect(await client.digestOf(byTag('long'))).toBe(digest);
      expect(await client.digestOf(byDigest(image.digest))).toBeNull();
    });

    it('refuses content that is not what the digest says, and keeps nothing of it', async () => {
      const client = await aClient();
      const image = anImage();
      const other = { ...image, manifest: Buffer.concat([image.manifest, Buffer.from('  ')]) };
      await expect(client.push(other, byDigest(image.digest))).rejects.toThrow(DigestMismatchError);
      expect(await client.digestOf(byDigest(image.digest))).toBeNull();
    });

    it('tells who pushed what', async () => {
      const client = await aClient();
      const image = anImage();
      await client.push(image, byTag('v1'));
      const [, event] = (await told(client)).find(([kind]) => kind === 'artifact-pushed') ?? [];
      expect(event).toEqual({
        projectId: client.project.id,
        repository: client.repository,
        digest: image.digest,
        manifestMediaType: image.mediaType,
        tags: ['v1'],
        subjectDigest: null,
        by: CI.name,
        at: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      });
    });
  });

  describe('again', () => {
    it('changes nothing, and is told as a push all the same', async () => {
      const client = await aClient();
      const image = anImage();
      await client.push(image, byTag('v1'));
      const sql = `SELECT a.*, t.pushed_at AS tagged_at, r.updated_at FROM artifact a
                   JOIN tag t ON t.artifact_id = a.id JOIN repository r ON r.id = a.repository_id WHERE a.digest = $1`;
      const before = await world.database.rows(sql, [image.digest]);
      expect(await client.put(image, byTag('v1'))).toMatchObject({ digest: image.digest, isNew: false });
      expect(await world.database.rows(sql, [image.digest])).toEqual(before);
      expect(await kindsOf(client)).toEqual([
        'repository-created',
        'artifact-pushed',
        'tag-created',
        'artifact-pushed',
      ]);
    });

    it('gives another tag to the artifact that is there', async () => {
      const client = await aClient();
      const image = anImage();
      await client.push(image, byTag('v1'));
      const { pushed_at } = await row(image.digest);
      expect((await client.put(image, byTag('v2'))).isNew).toBe(false);
      expect(await row(image.digest)).toMatchObject({ pushed_at, tag_count: 2 });
    });

    it('moves a tag to other content; the old content stays, untagged', async () => {
      const client = await aClient();
      const [old, young] = [anImage(), anImage()];
      await client.push(old, byTag('latest'));
      await client.push(young, byTag('latest'));
      expect(await client.digestOf(byTag('latest'))).toBe(young.digest);
      expect(await row(old.digest)).toMatchObject({ tag_count: 0 });
      const [, event] = (await told(client)).find(([kind]) => kind === 'tag-moved') ?? [];
      expect(event).toMatchObject({ tag: 'latest', from: old.digest, to: young.digest });
    });
  });

  describe('with what it names', () => {
    it('names all that is missing, and leaves no trace of the attempt', async () => {
      const client = await aClient();
      const [here, gone] = [anImage(), anImage()];
      const missing = gone.blobs.map((blob) => digestOf(blob));
      await expect(client.put(gone, byTag('v1'))).rejects.toMatchObject({ missing });
      const sql = 'SELECT 1 FROM repository WHERE name = $1';
      expect(await world.database.rows(sql, [client.repository])).toEqual([]);
      await client.push(here);
      await expect(client.put(anIndex([here.descriptor, gone.descriptor]))).rejects.toMatchObject({
        missing: [gone.digest],
      });
      expect(await kindsOf(client)).toEqual(['repository-created', 'artifact-pushed']);
    });

    it('does not find content that only another repository holds', async () => {
      const client = await aClient();
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
      const client = await aClient();
      const image = make();
      expect(await client.push(image, byTag('v1'))).toMatchObject({ digest: image.digest, isNew: true });
      expect(await client.digestOf(byTag('v1'))).toBe(image.digest);
    });

    it('takes an index of blobs, as BuildKit wrote its cache', async () => {
      const client = await aClient();
      const [layer, config] = [someBytes(), Buffer.from('{"layers":[]}')];
      for (const blob of [layer, config]) await client.pushBlob(blob);
      const index = anIndex([
        descriptorOf(layer, MediaType.OciLayerGzip),
        descriptorOf(config, MediaType.BuildkitCacheConfig),
      ]);
      await client.put(index, byTag('cache'));
      await expect(client.catalog.blobs.delete(client.repository, digestOf(layer))).rejects.toThrow('is needed by');
      expect(await row(index.digest)).toMatchObject({
        size_bytes: String(index.manifest.byteLength + layer.byteLength + config.byteLength),
      });
    });

    it('counts the parents of a child and adds up sizes, each child once', async () => {
      const client = await aClient();
      const image = anImage();
      await client.push(image);
      const inner = anIndex([image.descriptor, image.descriptor]);
      const outer = anIndex([inner.descriptor, image.descriptor]);
      await client.put(inner);
      await client.put(outer);
      const blobs = image.blobs.reduce((sum, blob) => sum + blob.byteLength, 0);
      const size = image.manifest.byteLength + blobs;
      expect(await row(image.digest)).toMatchObject({ parent_count: 2, size_bytes: String(size) });
      const innerSize = inner.manifest.byteLength + size;
      expect(await row(inner.digest)).toMatchObject({ parent_count: 1, size_bytes: String(innerSize) });
      expect(await row(outer.digest)).toMatchObject({
        parent_count: 0,
        size_bytes: String(outer.manifest.byteLength + innerSize + size),
      });
    });

    it('does not believe sizes that add up to nothing sensible', async () => {
      const client = await aClient();
      const image = anImage();
      const size = Number.MAX_SAFE_INTEGER;
      const huge = imageWithForeignLayers(Array.from({ length: 2_000 }, () => ({ size })));
      await client.push(image);
      await client.push(huge);
      expect(await row(huge.digest)).toMatchObject({ size_bytes: String(size) });
    });
  });

  describe('in a project that allows gaps', () => {
    it('takes a manifest whose content comes later, and protects it from then on', async () => {
      const client = await aClient({ sparse_content: 'true' });
      const image = anImage();
      await client.put(image, byTag('v1'));
      for (const blob of image.blobs) await client.pushBlob(blob);
      const layer = digestOf(image.blobs[1] as Buffer);
      await expect(client.catalog.blobs.delete(client.repository, layer)).rejects.toThrow('is needed by');
    });

    it('takes an index whose children come later, and then knows them as its own', async () => {
      const client = await aClient({ sparse_content: 'true' });
      const image = anImage();
      const inner = anIndex([image.descriptor]);
      const outer = anIndex([inner.descriptor, image.descriptor]);
      await client.put(outer, byTag('outer'));
      await client.put(inner);
      await client.push(image);
      const size = Number((await row(image.digest))['size_bytes']);
      expect(await row(image.digest)).toMatchObject({ parent_count: 2 });
      expect(await row(inner.digest)).toMatchObject({
        parent_count: 1,
        size_bytes: String(inner.manifest.byteLength + size),
      });
      expect(await row(outer.digest)).toMatchObject({
        size_bytes: String(outer.manifest.byteLength + inner.manifest.byteLength + 2 * size),
      });
      await expect(client.delete(byDigest(image.digest))).rejects.toThrow('is held by');
    });

    it('beside the arrival of the content: the gap is filled, whoever was first', async () => {
      const client = await aClient({ sparse_content: 'true' });
      for (let round = 0; round < 15; round++) {
        const image = anImage();
        const index = anIndex([image.descriptor]);
        await Promise.all([client.put(index), client.put(image), ...image.blobs.map((blob) => client.pushBlob(blob))]);
        expect(await row(image.digest)).toMatchObject({ parent_count: 1 });
        // The rest is what afterEach asks the audit.
      }
    });
  });

  describe('describes', () => {
    it('an image by its config', async () => {
      const client = await aClient();
      const image = anImage({}, { architecture: 'arm64', os: 'linux', config: { Env: ['A=1'] }, author: 'Ada' });
      await client.push(image);
      expect(await row(image.digest)).toMatchObject({
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
      const client = await aClient();
      const image = anImage({}, config);
      expect((await client.push(image)).isNew).toBe(true);
      expect(await row(image.digest)).toMatchObject({ type: 'IMAGE' });
    });

    it('a chart by its type', async () => {
      const client = await aClient();
      const config = Buffer.from('{"name":"web","version":"1.0.0"}');
      const chart = manifestOf(MediaType.OciManifest, [config], {
        schemaVersion: 2,
        config: descriptorOf(config, MediaType.HelmConfig),
        layers: [],
      });
      await client.push(chart);
      const expected = { type: 'CHART', extra_attributes: { name: 'web', version: '1.0.0' } };
      expect(await row(chart.digest)).toMatchObject(expected);
    });

    it('is listed from its first manifest on', async () => {
      const client = await aClient();
      await client.push(anImage());
      const [{ listed_at } = { listed_at: null }] = await world.database.rows<{ listed_at: Date | null }>(
        'SELECT listed_at FROM repository WHERE name = $1',
        [client.repository],
      );
      expect(listed_at).not.toBeNull();
    });
  });

  describe('at once', () => {
    it('gives a tag to one of many, and counts right', async () => {
      const client = await aClient();
      const images = Array.from({ length: 6 }, () => anImage());
      for (const image of images) for (const blob of image.blobs) await client.pushBlob(blob);
      await Promise.all(images.map((image) => client.put(image, byTag('latest'))));
      const winner = await client.digestOf(byTag('latest'));
      expect(images.map((image) => image.digest)).toContain(winner);
      const moves = (await told(client)).filter(([kind]) => kind === 'tag-moved').map(([, event]) => event);
      // Every event says where the tag came from: together they are one chain that ends at the winner.
      expect(moves).toHaveLength(5);
      for (const [nth, move] of moves.slice(1).entries()) expect(move['from']).toBe(moves[nth]?.['to']);
      expect(moves.at(-1)?.['to']).toBe(winner);
    });

    it('makes one artifact of the same manifest', async () => {
      const client = await aClient();
      const image = anImage();
      for (const blob of image.blobs) await client.pushBlob(blob);
      const replica = await world.replica();
      const pushes = Array.from({ length: 8 }, (_, nth) =>
        (nth % 2 ? client.catalog : replica).manifests.put(client.project, client.repository, CI, {
          ...pushOf(image),
          tags: [Tag.parse(`v${nth}`)],
        }),
      );
      expect((await Promise.all(pushes)).filter((pushed) => pushed.isNew)).toHaveLength(1);
      expect(await row(image.digest)).toMatchObject({ tag_count: 8 });
      expect((await world.told(PUSHED)).filter((event) => event['digest'] === image.digest)).toHaveLength(8);
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
