import { InvalidProjectMetadataError } from '@breakwater/domain';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { CatalogControl } from '../create-catalog-control.js';
import { CARLA, type CatalogWorld, createCatalogWorld } from '../testing/catalog-world.js';
import { controlOf } from '../testing/control.js';
import { ProjectMetadataExistsError, ProjectNotFoundError } from './project.errors.js';

let world: CatalogWorld;
let metadata: CatalogControl['metadata'];
let projectId: number;

beforeAll(async () => {
  world = await createCatalogWorld();
  ({ metadata } = controlOf(world));
});
beforeEach(async () => {
  projectId = (await world.aProject({ auto_scan: 'true' })).id;
});
afterAll(() => world.close());

describe('metadata, entry by entry', () => {
  it('is listed with `public`, added, changed and removed', async () => {
    expect(await metadata.list(projectId)).toEqual({ public: 'false', auto_scan: 'true' });
    await metadata.add(CARLA, projectId, { prevent_vul: 'T' });
    await metadata.set(CARLA, projectId, 'auto_scan', { auto_scan: '0' });
    expect(await metadata.list(projectId)).toEqual({ public: 'false', auto_scan: 'false', prevent_vul: 'true' });
    await metadata.remove(CARLA, projectId, 'auto_scan');
    await metadata.remove(CARLA, projectId, 'never-there');
    expect(await metadata.list(projectId)).toEqual({ public: 'false', prevent_vul: 'true' });
  });

  it('sets an entry that was not there', async () => {
    await metadata.set(CARLA, projectId, 'severity', { severity: 'Negligible' });
    expect(await metadata.list(projectId)).toMatchObject({ severity: 'none' });
  });

  it('adds nothing twice, `public` included', async () => {
    await expect(metadata.add(CARLA, projectId, { auto_scan: 'false' })).rejects.toThrow(ProjectMetadataExistsError);
    await expect(metadata.add(CARLA, projectId, { public: 'true' })).rejects.toThrow(ProjectMetadataExistsError);
    expect(await metadata.list(projectId)).toEqual({ public: 'false', auto_scan: 'true' });
  });

  it('makes a project public and, without the entry, private again', async () => {
    await metadata.set(CARLA, projectId, 'public', { public: 'true' });
    const isPublic = async () =>
      (await world.database.rows('SELECT is_public FROM project WHERE id = $1', [projectId]))[0];
    expect(await isPublic()).toEqual({ is_public: true });
    await metadata.remove(CARLA, projectId, 'public');
    expect(await isPublic()).toEqual({ is_public: false });
  });

  it.each([
    [{}],
    [{ auto_scan: 'true', severity: 'low' }],
    [{ unheard_of: 'true' }],
    [{ auto_scan: 'maybe' }],
    [{ retention_id: '1' }],
  ])('refuses %j', async (given) => {
    await expect(metadata.add(CARLA, projectId, given)).rejects.toThrow(InvalidProjectMetadataError);
    await expect(metadata.set(CARLA, projectId, 'auto_scan', given)).rejects.toThrow(InvalidProjectMetadataError);
  });

  it('tells of every change, and knows no project that is not there', async () => {
    const updates = async () =>
      (await world.told('events.catalog.project-updated.v1')).filter((event) => event['projectId'] === projectId);
    await metadata.set(CARLA, projectId, 'severity', { severity: 'low' });
    await metadata.remove(CARLA, projectId, 'severity');
    expect(await updates()).toHaveLength(2);
    await expect(metadata.list(999_999)).rejects.toThrow(ProjectNotFoundError);
    await expect(metadata.add(CARLA, 999_999, { auto_scan: 'true' })).rejects.toThrow(ProjectNotFoundError);
  });
});
