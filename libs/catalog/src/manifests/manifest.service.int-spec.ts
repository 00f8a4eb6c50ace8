import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type CatalogWorld, CI, createCatalogWorld } from '../testing/catalog-world.js';
import { anImage, byDigest, byTag, Client } from '../testing/content.js';

describe('ManifestService', () => {
  let world: CatalogWorld;

  beforeAll(async () => {
    world = await createCatalogWorld();
  });
  afterAll(() => world.close());

  async function aClient(metadata?: Record<string, string>): Promise<Client> {
    const project = await world.aProject(metadata);
    return new Client(world.catalog, project, project.repository(), CI);
  }

  it('makes a manifest readable under its tag and its digest', async () => {
    const client = await aClient();
    const image = anImage();
    expect(await client.push(image, byTag('v1'))).toEqual({
      digest: image.digest,
      subject: null,
      tags: ['v1'],
      isNew: true,
    });
    expect(await client.digestOf(byTag('v1'))).toBe(image.digest);
    const found = await client.catalog.artifacts.find(client.repository, byDigest(image.digest));
    expect(found).toMatchObject({ mediaType: image.mediaType, sizeBytes: image.manifest.byteLength });
  });
});
