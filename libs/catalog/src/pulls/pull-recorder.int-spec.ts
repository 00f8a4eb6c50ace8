import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Tag } from '@breakwater/oci';
import type { FoundArtifact } from '../artifacts/found-artifact.js';
import type { Catalog } from '../create-catalog.js';
import { type CatalogWorld, CARLA, CI, createCatalogWorld, type TestProject } from '../testing/catalog-world.js';
import { anImage, anIndex, byDigest, byTag, Client, type TestImage } from '../testing/content.js';

const PULLED = 'events.catalog.artifact-pulled.v1';
const V1 = Tag.parse('v1');

describe('PullRecorder', () => {
  let world: CatalogWorld;
  let catalog: Catalog;
  let project: TestProject;
  let client: Client;
  let image: TestImage;
  let found: FoundArtifact;
  let now = new Date('2026-03-01T10:00:00.000Z');

  beforeAll(async () => {
    world = await createCatalogWorld();
    // An hour between flushes: only `flush` writes in these tests.
    catalog = await world.replica({
      clock: { now: () => now },
      options: { pullFlushSeconds: 3_600 },
      sharesConnections: true,
    });
  });
  beforeEach(async () => {
    project = await world.aProject();
    client = new Client(catalog, project, project.repository(), CI);
    image = anImage();
    await client.push(image, byTag('v1'));
    found = (await client.find(byTag('v1'))) as FoundArtifact;
    await world.database.rows('DELETE FROM outbox_event RETURNING 1');
  });
  afterAll(() => world.close());

  async function times(): Promise<Record<string, unknown> | undefined> {
    const rows = await world.database.rows<Record<string, unknown>>(
      `SELECT r.pull_count, a.pulled_at AS artifact, t.pulled_at AS tag
       FROM artifact a JOIN repository r ON r.id = a.repository_id JOIN tag t ON t.artifact_id = a.id
       WHERE a.digest = $1 AND t.name = 'v1'`,
      [image.digest],
    );
    return rows[0];
  }

  it('costs nothing until it is flushed; then counts, times and one event for all', async () => {
    expect(
      await world.countQueries(async () => {
        catalog.pulls.note(found, V1, CI);
        catalog.pulls.note(found, V1, CI);
      }),
    ).toBe(0);
    now = new Date('2026-03-01T10:00:05.000Z');
    catalog.pulls.note(found, V1, CI);
    catalog.pulls.note(found, null, CARLA);
    await catalog.pulls.flush();
    expect(await times()).toEqual({ pull_count: '4', artifact: now, tag: now });
    const common = { projectId: project.id, repository: client.repository, digest: image.digest };
    const lastPulledAt = now.toISOString();
    expect(await world.told(PULLED)).toEqual([
      {
        pulls: [
          { ...common, tag: 'v1', by: CI.name, count: 3, lastPulledAt },
          { ...common, tag: null, by: CARLA.name, count: 1, lastPulledAt },
        ],
      },
    ]);
  });

  it('marks the artifact alone when it was pulled by digest', async () => {
    catalog.pulls.note(found, null, CI);
    await catalog.pulls.flush();
    expect(await times()).toEqual({ pull_count: '1', artifact: now, tag: null });
  });

  it('marks the index with its child', async () => {
    const index = anIndex([image.descriptor]);
    await client.put(index);
    catalog.pulls.note(found, null, CI);
    await catalog.pulls.flush();
    const sql = 'SELECT pulled_at FROM artifact WHERE digest = $1';
    expect(await world.database.rows(sql, [index.digest])).toEqual([{ pulled_at: now }]);
  });

  it('never moves a time back', async () => {
    catalog.pulls.note(found, V1, CI);
    await catalog.pulls.flush();
    const late = now;
    now = new Date(late.getTime() - 60_000);
    catalog.pulls.note(found, V1, CI);
    await catalog.pulls.flush();
    now = late;
    expect(await times()).toEqual({ pull_count: '2', artifact: late, tag: late });
  });

  it('passes over what was deleted meanwhile, and a tag that points elsewhere by now', async () => {
    const other = anImage();
    await client.push(other);
    catalog.pulls.note(found, V1, CI);
    await client.put(other, byTag('v1'));
    await client.delete(byDigest(image.digest));
    await catalog.pulls.flush();
    const sql = `SELECT t.pulled_at FROM tag t JOIN artifact a ON a.id = t.artifact_id WHERE a.digest = $1`;
    expect(await world.database.rows(sql, [other.digest])).toEqual([{ pulled_at: null }]);
  });

  it('writes in batches that an event can hold', async () => {
    for (let nth = 0; nth < 600; nth++) catalog.pulls.note(found, V1, { key: `user:${nth}`, name: `user-${nth}` });
    await catalog.pulls.flush();
    const told = (await world.told(PULLED)) as { pulls: unknown[] }[];
    expect(told.map((event) => event.pulls.length)).toEqual([500, 100]);
    expect(await times()).toMatchObject({ pull_count: '600' });
  });

  it('tries again what could not be written', async () => {
    catalog.pulls.note(found, V1, CI);
    await world.database.rows('ALTER TABLE outbox_event RENAME TO outbox_away');
    await catalog.pulls.flush();
    await world.database.rows('ALTER TABLE outbox_away RENAME TO outbox_event');
    expect(await times()).toMatchObject({ pull_count: '0' });
    catalog.pulls.note(found, V1, CI);
    await catalog.pulls.flush();
    expect(await times()).toMatchObject({ pull_count: '2' });
  });

  it('goes well beside pushes to the same repositories', async () => {
    const clients = ['a', 'b', 'c'].map((name) => new Client(catalog, project, project.repository(name), CI));
    const artifacts = await Promise.all(
      clients.map(async (one) => {
        const pushed = anImage();
        await one.push(pushed, byTag('v1'));
        return { one, pushed, found: (await one.find(byTag('v1'))) as FoundArtifact };
      }),
    );
    for (let round = 0; round < 10; round++) {
      for (const each of artifacts.toReversed()) catalog.pulls.note(each.found, V1, CI);
      await Promise.all([
        catalog.pulls.flush(),
        ...artifacts.map(({ one, pushed }) => one.put(pushed, byTag(`r${round}`))),
      ]);
    }
    const sql = 'SELECT sum(pull_count)::int AS pulls FROM repository WHERE project_id = $1';
    expect(await world.database.rows(sql, [project.id])).toEqual([{ pulls: 30 }]);
  });

  it('writes down what it holds when the process stops', async () => {
    catalog.pulls.note(found, V1, CI);
    await catalog.close();
    expect(await times()).toMatchObject({ pull_count: '1' });
  });
});
