import { InvalidProjectMetadataError, InvalidProjectNameError } from '@breakwater/domain';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { CatalogControl } from '../create-catalog-control.js';
import type { VisibleProjects } from '../lists/visible-projects.js';
import { CARLA, type CatalogWorld, createCatalogWorld } from '../testing/catalog-world.js';
import { anImage, byTag, Client, digestOf, someBytes } from '../testing/content.js';
import { ALL, controlOf } from '../testing/control.js';
import type { NewProject } from './project.js';
import { ProjectExistsError, ProjectNotEmptyError, ProjectNotFoundError } from './project.errors.js';
import { ProjectReader } from './project-reader.js';

let world: CatalogWorld;
let control: CatalogControl;
const notices: string[] = [];
const EVERYTHING: VisibleProjects = { all: true };

beforeAll(async () => {
  world = await createCatalogWorld();
  control = controlOf(world, notices);
});
afterAll(() => world.close());

function create(name: string, given: Partial<NewProject> = {}): Promise<number> {
  const project = { name, ownerId: 7, metadata: {}, ...given };
  return world.database.unitOfWork.run((tx) => control.projects.createIn(tx, CARLA, project));
}

async function factsOf(id: number) {
  const facts = await new ProjectReader(world.database).find({ by: 'id', id });
  if (facts === null) throw new Error(`there is no project ${id}`);
  return facts;
}

const eventsOf = async (kind: string, projectId: number) =>
  (await world.told(`events.catalog.project-${kind}.v1`)).filter((event) => event['projectId'] === projectId);

describe('a new project', () => {
  it('has what was asked for, one event and one notice', async () => {
    const allowlist = { cveIds: ['CVE-2026-1'], expiresAt: new Date('2030-01-01T00:00:00Z') };
    const id = await create('new-one', { metadata: { public: 'true', severity: 'High' }, allowlist });
    expect(await control.projects.get(id)).toMatchObject({
      id,
      name: 'new-one',
      ownerId: 7,
      isPublic: true,
      metadata: { public: 'true', severity: 'high' },
      allowlist,
      repositoryCount: 0,
    });
    expect(await eventsOf('created', id)).toEqual([
      { projectId: id, name: 'new-one', by: 'carla', at: expect.stringMatching(/Z$/) },
    ]);
    expect(notices).toContain('new-one');
  });

  it('is private, and has an empty allowlist that nobody made, unless told otherwise', async () => {
    expect(await control.projects.get(await create('quiet'))).toMatchObject({
      isPublic: false,
      metadata: { public: 'false' },
      allowlist: { cveIds: [], expiresAt: null, createdAt: null },
    });
    expect(await control.projects.get(await create('legacy', { isPublic: true }))).toMatchObject({ isPublic: true });
  });

  it('takes a name once, whoever is first', async () => {
    const outcomes = await Promise.allSettled(Array.from({ length: 5 }, () => create('wanted')));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const outcome of outcomes)
      if (outcome.status === 'rejected') expect(outcome.reason).toBeInstanceOf(ProjectExistsError);
  });

  it('is not made of a bad name or bad metadata', async () => {
    await expect(create('Capital')).rejects.toThrow(InvalidProjectNameError);
    await expect(create('bad-value', { metadata: { public: 'maybe' } })).rejects.toThrow(InvalidProjectMetadataError);
    await expect(create('bad-key', { metadata: { retention_id: '7' } })).rejects.toThrow(InvalidProjectMetadataError);
  });

  it('is gone with everything else of the transaction when that fails', async () => {
    const before = notices.length;
    const failing = world.database.unitOfWork.run(async (tx) => {
      await control.projects.createIn(tx, CARLA, { name: 'undone', ownerId: 7, metadata: {} });
      throw new Error('the creator could not become a member');
    });
    await expect(failing).rejects.toThrow('the creator');
    expect(await create('undone')).toEqual(expect.any(Number));
    expect(notices.slice(before)).toEqual(['undone']);
  });
});

describe('the list of projects', () => {
  let ids: number[];
  beforeAll(async () => {
    ids = [await create('list-b', { isPublic: true }), await create('list-c'), await create('list-a')];
  });
  const names = async (visible: VisibleProjects, more: object = {}) => {
    const where = { sql: `starts_with(project.name, $1)`, params: ['list-'] };
    const { items, total } = await control.projects.list(visible, { ...ALL, where, ...more });
    return { names: items.map((project) => project.name), total };
  };

  it('shows everything, or the public and one’s own, by name', async () => {
    expect(await names(EVERYTHING)).toEqual({ names: ['list-a', 'list-b', 'list-c'], total: 3 });
    expect(await names({ all: false, projectIds: [] })).toEqual({ names: ['list-b'], total: 1 });
    expect(await names({ all: false, projectIds: [ids[1] ?? 0] })).toEqual({ names: ['list-b', 'list-c'], total: 2 });
  });

  it('goes by pages in the order asked for, and counts all pages', async () => {
    const orderBy = 'project.name DESC';
    expect(await names(EVERYTHING, { orderBy, limit: 2, offset: 0 })).toEqual({
      names: ['list-c', 'list-b'],
      total: 3,
    });
    expect(await names(EVERYTHING, { orderBy, limit: 2, offset: 2 })).toEqual({ names: ['list-a'], total: 3 });
    expect(await names(EVERYTHING, { limit: 2, offset: 9 })).toEqual({ names: [], total: 3 });
  });

  it('costs two statements, however many projects it shows', async () => {
    expect(await world.countQueries(() => control.projects.list(EVERYTHING, { limit: 1, offset: 0 }))).toBe(2);
    expect(await world.countQueries(() => control.projects.list(EVERYTHING, ALL))).toBe(2);
  });

  it('counts the repositories that have a manifest', async () => {
    const project = await factsOf(await create('list-counted'));
    const client = new Client(world.catalog, project, `${project.name}/app` as never, CARLA);
    await client.push(anImage(), byTag('v1'));
    await new Client(world.catalog, project, `${project.name}/upload-only` as never, CARLA).pushBlob(someBytes());
    const where = { sql: 'project.id = $1', params: [project.id] };
    const { items } = await control.projects.list(EVERYTHING, { ...ALL, where });
    expect(items).toMatchObject([{ repositoryCount: 1 }]);
  });
});

describe('a change', () => {
  it('merges metadata, clears what is empty, replaces the allowlist, and tells', async () => {
    const id = await create('changed', { metadata: { auto_scan: 'true', severity: 'low' } });
    const allowlist = { cveIds: ['CVE-1', 'CVE-2'], expiresAt: null };
    notices.length = 0;
    await control.projects.update(CARLA, id, { metadata: { public: 'true', severity: '' }, allowlist });
    expect(await control.projects.get(id)).toMatchObject({
      isPublic: true,
      metadata: { public: 'true', auto_scan: 'true' },
      allowlist,
    });
    expect((await control.projects.get(id)).metadata).not.toHaveProperty('severity');
    await control.projects.update(CARLA, id, { metadata: {}, allowlist: null });
    expect(await control.projects.get(id)).toMatchObject({ isPublic: true, allowlist });
    expect(await eventsOf('updated', id)).toHaveLength(2);
    expect(notices).toEqual(['changed', 'changed']);
  });

  it('is seen by the data plane, `public` among the metadata', async () => {
    const id = await create('seen');
    await control.projects.update(CARLA, id, { metadata: { public: 'true', sparse_content: '1' }, allowlist: null });
    const facts = await world.catalog.projects.find('seen');
    expect(facts).toMatchObject({ id, isPublic: true, isSparseAllowed: true });
    expect(facts?.metadata.get('public')).toBe('true');
  });

  it('of a bad value changes nothing', async () => {
    const id = await create('unchanged');
    const change = { metadata: { auto_scan: 'true', severity: 'awful' }, allowlist: null };
    await expect(control.projects.update(CARLA, id, change)).rejects.toThrow(InvalidProjectMetadataError);
    expect((await control.projects.get(id)).metadata).toEqual({ public: 'false' });
    await expect(control.projects.update(CARLA, 999_999, change)).rejects.toThrow(ProjectNotFoundError);
  });
});

describe('a deletion', () => {
  it('takes the project and leaves its name free for another one', async () => {
    const id = await create('again', {
      metadata: { auto_scan: 'true' },
      allowlist: { cveIds: ['C'], expiresAt: null },
    });
    const before = await factsOf(id);
    await control.projects.delete(CARLA, id);
    await expect(control.projects.get(id)).rejects.toThrow(ProjectNotFoundError);
    const next = await create('again');
    expect(next).not.toBe(id);
    expect((await factsOf(next)).incarnation).not.toBe(before.incarnation);
    expect((await control.projects.get(next)).metadata).toEqual({ public: 'false' });
    expect(await eventsOf('deleted', id)).toHaveLength(1);
    await expect(control.projects.delete(CARLA, id)).rejects.toThrow(ProjectNotFoundError);
  });

  it('is refused while there are repositories, empty ones as well', async () => {
    const project = await factsOf(await create('full'));
    const client = new Client(world.catalog, project, `${project.name}/app` as never, CARLA);
    const image = anImage();
    await client.push(image, byTag('v1'));
    await expect(control.projects.delete(CARLA, project.id)).rejects.toThrow(ProjectNotEmptyError);
    await client.delete({ kind: 'digest', digest: image.digest });
    expect(await control.projects.isDeletable(project.id)).toBe(false);
    await control.repositories.delete(project, client.repository, CARLA);
    expect(await control.projects.isDeletable(project.id)).toBe(true);
    await control.projects.delete(CARLA, project.id);
  });

  it('hands over to the trash and to the collector what unfinished pushes left', async () => {
    const project = await factsOf(await create('unfinished'));
    const client = new Client(world.catalog, project, `${project.name}/app` as never, CARLA);
    const content = someBytes();
    await client.pushBlob(content);
    const { id: uploadId } = await world.catalog.uploads.start(project, client.repository, CARLA);
    const [upload] = await world.database.rows<{ object_key: string }>('SELECT object_key FROM upload WHERE id = $1', [
      uploadId,
    ]);
    await control.projects.delete(CARLA, project.id);
    const trash = await world.database.rows('SELECT reason FROM trash WHERE object_key = $1', [
      upload?.object_key ?? '',
    ]);
    expect(trash).toEqual([{ reason: 'cancelled' }]);
    const blobs = await world.database.rows('SELECT condemned_at FROM blob WHERE digest = $1', [digestOf(content)]);
    expect(blobs).toEqual([{ condemned_at: expect.any(Date) }]);
  });

  it('and a first push beside it: one of them wins, and nothing is in between', async () => {
    for (let round = 0; round < 8; round++) {
      const project = await factsOf(await create(`race-${round}`));
      const client = new Client(world.catalog, project, `${project.name}/app` as never, CARLA);
      const [pushed, deleted] = await Promise.allSettled([
        client.push(anImage(), byTag('v1')),
        control.projects.delete(CARLA, project.id),
      ]);
      const rows = await world.database.rows('SELECT FROM project WHERE id = $1', [project.id]);
      expect([pushed.status, deleted.status].filter((status) => status === 'fulfilled')).toHaveLength(1);
      expect(rows).toHaveLength(pushed.status === 'fulfilled' ? 1 : 0);
    }
  });
});

describe('the first start', () => {
  it('makes the public project library once, and never where there is a project', async () => {
    const empty = await createCatalogWorld();
    const { projects } = controlOf(empty);
    const ensure = () => empty.database.unitOfWork.run((tx) => projects.ensureDefaultIn(tx, CARLA, 1));
    const made = await Promise.all([ensure(), ensure(), ensure()]);
    const [id, ...others] = made.filter((each) => each !== null);
    expect(others).toEqual([]);
    expect(await projects.get(id ?? 0)).toMatchObject({ name: 'library', isPublic: true, ownerId: 1 });
    expect(await ensure()).toBeNull();
    await empty.close();
    await world.database.unitOfWork.run(async (tx) => {
      expect(await control.projects.ensureDefaultIn(tx, CARLA, 1)).toBeNull();
    });
  });
});
