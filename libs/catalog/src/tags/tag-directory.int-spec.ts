import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type CatalogWorld, CI, createCatalogWorld } from '../testing/catalog-world.js';
import { anImage, byDigest, Client } from '../testing/content.js';

describe('TagDirectory', () => {
  let world: CatalogWorld;
  let client: Client;
  // Byte order: capitals before underscore before small letters, whatever the language of the database.
  const sorted = ['1.0', '1.10', '1.9', 'Latest', '_x', 'latest', 'v-1', 'v.1', 'v1'].toSorted();

  beforeAll(async () => {
    world = await createCatalogWorld();
    const project = await world.aProject();
    client = new Client(world.catalog, project, project.repository(), CI);
    const image = anImage();
    await client.push(image, byDigest(image.digest), sorted.toReversed());
  });
  afterAll(() => world.close());

  const list = (limit: number, after: string | null = null) =>
    world.catalog.tags.list(client.repository, { limit, after });

  it('lists in the order of bytes', async () => {
    expect(await list(100)).toEqual({ tags: sorted, hasMore: false });
  });

  it('cuts pages that begin after a text, whether it is a tag or not', async () => {
    expect(await list(3)).toEqual({ tags: sorted.slice(0, 3), hasMore: true });
    expect(await list(3, sorted[2])).toEqual({ tags: sorted.slice(3, 6), hasMore: true });
    expect(await list(3, sorted[5])).toEqual({ tags: sorted.slice(6), hasMore: false });
    expect(await list(2, '1.5')).toEqual({ tags: ['1.9', 'Latest'], hasMore: true });
    expect(await list(2, 'zzz')).toEqual({ tags: [], hasMore: false });
  });

  it('has neither tags nor more of them for a page of none', async () => {
    expect(await list(0)).toEqual({ tags: [], hasMore: false });
  });

  it('tells a repository without tags from one that is not there', async () => {
    const untagged = new Client(world.catalog, client.project, `${client.project.name}/untagged` as never, CI);
    expect(await world.catalog.tags.list(untagged.repository, { limit: 10, after: null })).toBeNull();
    await untagged.push(anImage());
    expect(await world.catalog.tags.list(untagged.repository, { limit: 10, after: null })).toEqual({
      tags: [],
      hasMore: false,
    });
  });
});
