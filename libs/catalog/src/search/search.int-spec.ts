import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { CatalogControl } from '../create-catalog-control.js';
import type { VisibleProjects } from '../lists/visible-projects.js';
import { CI, type CatalogWorld, createCatalogWorld, type TestProject } from '../testing/catalog-world.js';
import { anImage, byTag, Client } from '../testing/content.js';
import { controlOf } from '../testing/control.js';

let world: CatalogWorld;
let control: CatalogControl;
let open: TestProject;
let closed: TestProject;

beforeAll(async () => {
  world = await createCatalogWorld();
  control = controlOf(world);
  [open, closed] = [await world.aProject(), await world.aProject()];
  await world.database.rows('UPDATE project SET is_public = true WHERE id = $1', [open.id]);
  for (const project of [open, closed])
    await new Client(world.catalog, project, project.repository('tools/cache'), CI).push(anImage(), byTag('v1'));
});
afterAll(() => world.close());

const find = async (part: string, visible: VisibleProjects) => {
  const { projects, repositories } = await control.search.find(part, visible);
  return {
    projects: projects.map(({ name }) => name),
    repositories: repositories.map(({ projectName, isPublic, artifactCount }) => [
      projectName,
      isPublic,
      artifactCount,
    ]),
  };
};

describe('a search', () => {
  it('finds projects and repositories by a part of their name', async () => {
    expect(await find('project-', { all: true })).toEqual({
      projects: [open.name, closed.name],
      repositories: [
        [open.name, true, 1],
        [closed.name, false, 1],
      ],
    });
    expect(await find('TOOLS/', { all: true })).toMatchObject({ projects: [], repositories: [{}, {}] });
    expect(await find('Project', { all: true })).toMatchObject({ projects: [] });
    expect(await find('%', { all: true })).toEqual({ projects: [], repositories: [] });
  });

  it('sees what the caller may see', async () => {
    const onlyOpen = { projects: [open.name], repositories: [[open.name, true, 1]] };
    expect(await find('', { all: false, projectIds: [] })).toEqual(onlyOpen);
    expect((await find('', { all: false, projectIds: [closed.id] })).projects).toEqual([open.name, closed.name]);
  });

  it('costs five statements, whatever it finds', async () => {
    expect(await world.countQueries(() => control.search.find('', { all: true }))).toBe(5);
    expect(await world.countQueries(() => control.search.find('nothing-like-it', { all: true }))).toBe(5);
  });
});
