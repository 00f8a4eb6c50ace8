import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { RepositoryName } from '@breakwater/oci';
import { type CatalogWorld, CI, createCatalogWorld, type TestProject } from '../testing/catalog-world.js';
import { anImage, byTag, Client } from '../testing/content.js';
import type { ReadableProjects } from './repository-directory.js';

describe('RepositoryDirectory', () => {
  let world: CatalogWorld;
  let projects: TestProject[];
  let names: RepositoryName[];

  beforeAll(async () => {
    world = await createCatalogWorld();
    projects = [await world.aProject(), await world.aProject()];
    names = projects.flatMap((project) => ['a', 'b/c', 'b-c'].map((name) => project.repository(name)));
    for (const [nth, name] of names.entries()) {
      const client = new Client(world.catalog, projects[nth < 3 ? 0 : 1] as TestProject, name, CI);
      await client.push(anImage(), byTag('v1'));
    }
    const [project] = projects as [TestProject];
    await new Client(world.catalog, project, project.repository('untagged'), CI).push(anImage());
    await world.catalog.uploads.start(project, project.repository('uploads-only'), CI);
    names.sort();
  });
  afterAll(() => world.close());

  const list = (limit: number, after: string | null, readable: ReadableProjects = { all: true }) =>
    world.catalog.repositories.list({ limit, after, readable });

  it('lists repositories with tags, in the order of bytes', async () => {
    expect(await list(100, null)).toEqual({ repositories: names, hasMore: false });
  });

  it('cuts pages', async () => {
    expect(await list(4, null)).toEqual({ repositories: names.slice(0, 4), hasMore: true });
    expect(await list(4, names[3] ?? null)).toEqual({ repositories: names.slice(4), hasMore: false });
    expect(await list(0, null)).toEqual({ repositories: [], hasMore: false });
  });

  it('lists what the caller may read', async () => {
    const [, second] = projects as [TestProject, TestProject];
    const { repositories } = await list(100, null, { projectIds: [second.id] });
    expect(repositories).toEqual(names.filter((name) => name.startsWith(`${second.name}/`)));
    expect(await list(100, null, { projectIds: [] })).toEqual({ repositories: [], hasMore: false });
  });
});
