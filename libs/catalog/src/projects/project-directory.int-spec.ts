import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Catalog } from '../create-catalog.js';
import { type CatalogWorld, createCatalogWorld } from '../testing/catalog-world.js';

describe('ProjectDirectory', () => {
  let world: CatalogWorld;
  let catalog: Catalog;
  let now = new Date('2026-01-01T00:00:00Z');

  beforeAll(async () => {
    world = await createCatalogWorld();
    catalog = await world.replica({ clock: { now: () => now } });
  });
  beforeEach(() => {
    now = new Date(now.getTime() + 60_000);
  });
  afterAll(() => world.close());

  const makePublic = (name: string) =>
    world.database.rows('UPDATE project SET is_public = true WHERE name = $1 RETURNING id', [name]);

  it('knows a project with its metadata', async () => {
    const { id, name, incarnation } = await world.aProject({ sparse_content: 'true', severity: 'high' });
    const metadata = new Map([
      ['severity', 'high'],
      ['sparse_content', 'true'],
      ['public', 'false'],
    ]);
    const expected = { id, name, incarnation, isPublic: false, isSparseAllowed: true, metadata };
    expect(await catalog.projects.find(name)).toEqual(expected);
  });

  it('believes for two seconds what it found, or until it is told to forget', async () => {
    const { name } = await world.aProject();
    const isPublic = async () => (await catalog.projects.find(name))?.isPublic;
    expect(await isPublic()).toBe(false);
    await makePublic(name);
    now = new Date(now.getTime() + 1_999);
    expect(await isPublic()).toBe(false);
    now = new Date(now.getTime() + 1);
    expect(await isPublic()).toBe(true);
  });

  it('forgets at a notice', async () => {
    const [one, other] = [await world.aProject(), await world.aProject()];
    for (const { name } of [one, other]) await catalog.projects.find(name);
    for (const { name } of [one, other]) await makePublic(name);
    catalog.projects.forget(one.name);
    expect(await catalog.projects.find(one.name)).toMatchObject({ isPublic: true });
    expect(await catalog.projects.find(other.name)).toMatchObject({ isPublic: false });
    catalog.projects.forgetAll();
    expect(await catalog.projects.find(other.name)).toMatchObject({ isPublic: true });
  });

  it('does not remember that a project was not there', async () => {
    const name = 'made-later';
    expect(await catalog.projects.find(name)).toBeNull();
    await world.database.rows('INSERT INTO project (name, owner_id) VALUES ($1, 1) RETURNING id', [name]);
    expect(await catalog.projects.find(name)).toMatchObject({ name });
  });

  it('looks up what is asked for together in one query', async () => {
    const { name } = await world.aProject();
    const names = [name, 'unknown', name];
    let found: (string | undefined)[] = [];
    const queries = await world.countQueries(async () => {
      found = (await Promise.all(names.map((one) => world.catalog.projects.find(one)))).map((project) => project?.name);
    });
    expect(found).toEqual([name, undefined, name]);
    expect(queries).toBe(1);
  });
});
