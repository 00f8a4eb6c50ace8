import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Reference } from '@breakwater/oci';
import { ManifestUnknownError } from '../manifests/manifest.errors.js';
import { type CatalogWorld, CI, createCatalogWorld } from '../testing/catalog-world.js';
import { anImage, byDigest, byTag, Client, type TestImage } from '../testing/content.js';
import type { FoundArtifact } from './found-artifact.js';

describe('ArtifactLookup', () => {
  let world: CatalogWorld;
  let client: Client;
  let images: TestImage[];

  beforeAll(async () => {
    world = await createCatalogWorld();
    const project = await world.aProject();
    client = new Client(world.catalog, project, project.repository(), CI);
    images = [anImage(), anImage(), anImage()];
    for (const [nth, image] of images.entries()) await client.push(image, byTag(`v${nth}`));
  });
  afterAll(() => world.close());

  const [v0, v1, unknown] = [byTag('v0'), byTag('v1'), byTag('unknown')];
  const first = () => images[0] as TestImage;

  it('finds by tag and by digest, and nothing where there is nothing', async () => {
    expect(await client.digestOf(v0)).toBe(first().digest);
    expect(await client.digestOf(byDigest(first().digest))).toBe(first().digest);
    expect(await client.digestOf(unknown)).toBeNull();
    expect(await client.digestOf(byTag('V0'))).toBeNull();
    expect(await client.digestOf(byDigest(anImage().digest))).toBeNull();
  });

  it('looks up what is asked for together in one query, each answer to its question', async () => {
    const asked: Reference[] = [v1, unknown, byDigest(first().digest), v0, v1];
    let found: (FoundArtifact | null)[] = [];
    const queries = await world.countQueries(async () => {
      found = await Promise.all(asked.map((reference) => client.find(reference)));
    });
    const digests = [images[1], null, images[0], images[0], images[1]].map((image) => image?.digest);
    expect(found.map((one) => one?.digest)).toEqual(digests);
    expect(queries).toBe(1);
  });

  it('sees a tag that was moved as soon as the push is answered', async () => {
    const other = await world.replica();
    for (let round = 0; round < 10; round++) {
      const image = images[round % 2] as TestImage;
      await client.put(image, byTag('moving'));
      const [here, there] = await Promise.all([
        client.find(byTag('moving')),
        other.artifacts.find(client.repository, byTag('moving')),
      ]);
      expect([here?.digest, there?.digest]).toEqual([image.digest, image.digest]);
    }
  });

  it('reads the bytes of a manifest once', async () => {
    const replica = await world.replica();
    const found = (await replica.artifacts.find(client.repository, v0)) as FoundArtifact;
    const contents = await Promise.all([replica.artifacts.content(found), replica.artifacts.content(found)]);
    for (const content of contents) expect(content.equals(first().manifest)).toBe(true);
    await world.database.rows('DELETE FROM artifact_manifest WHERE artifact_id = $1 RETURNING 1', [found.artifactId]);
    expect((await replica.artifacts.content(found)).equals(first().manifest)).toBe(true);
    // A process that has not read them cannot have them any more.
    await expect(world.catalog.artifacts.content(found)).rejects.toThrow(ManifestUnknownError);
  });

  it('holds no more bytes than it may', async () => {
    const frugal = await world.replica({ options: { manifestCacheBytes: 8_000 } });
    const found = (await frugal.artifacts.find(client.repository, v1)) as FoundArtifact;
    await frugal.artifacts.content(found);
    for (let nth = 0; nth < 20; nth++) {
      const image = anImage();
      await client.push(image);
      await frugal.artifacts.content((await client.find(byDigest(image.digest))) as FoundArtifact);
    }
    await world.database.rows('DELETE FROM artifact_manifest WHERE artifact_id = $1 RETURNING 1', [found.artifactId]);
    await expect(frugal.artifacts.content(found)).rejects.toThrow(ManifestUnknownError);
  });
});
