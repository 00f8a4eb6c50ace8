import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Digest, RepositoryName } from '@breakwater/oci';
import { createCollector } from '../collection/create-collector.js';
import { type CatalogWorld, CARLA, CI, createCatalogWorld, type TestProject } from '../testing/catalog-world.js';
import { Client, digestOf, NEVER, someBytes } from '../testing/content.js';

describe('UploadService.mount', () => {
  let world: CatalogWorld;
  let project: TestProject;
  let source: Client;
  let digest: Digest;

  beforeAll(async () => {
    world = await createCatalogWorld();
  });
  beforeEach(async () => {
    project = await world.aProject();
    source = new Client(world.catalog, project, project.repository('source'), CI);
    digest = await source.pushBlob(someBytes());
  });
  afterAll(() => world.close());

  const everything = async (candidates: readonly RepositoryName[]) => candidates;
  const nothing = async () => [];

  function mount(from: RepositoryName | null, mayRead = everything, what = digest) {
    return world.catalog.uploads.mount(project, project.repository('target'), what, from, mayRead);
  }

  it.each([
    ['from where the client says', () => source.repository],
    ['from anywhere, when the client does not say', () => null],
    ['from anywhere, when it is not where the client says', () => project.repository('elsewhere')],
  ])('makes a blob readable %s', async (_, from) => {
    expect(await mount(from())).toEqual({ digest, sizeBytes: 1_000 });
    expect(await world.catalog.blobs.find(project.repository('target'), digest)).toMatchObject({ digest });
  });

  it('outlives its source', async () => {
    await mount(source.repository);
    await world.catalog.blobs.delete(source.repository, digest);
    expect(await world.catalog.blobs.find(project.repository('target'), digest)).toMatchObject({ digest });
  });

  it.each([
    ['the caller may read no repository that holds it', () => mount(source.repository, nothing)],
    ['the caller may read nothing, and names no source', () => mount(null, nothing)],
    ['nobody holds it', () => mount(source.repository, everything, digestOf(Buffer.from('unknown')))],
  ])('does nothing when %s', async (_, attempt) => {
    expect(await attempt()).toBeNull();
    expect(
      await world.database.rows('SELECT 1 FROM repository WHERE name = $1', [project.repository('target')]),
    ).toEqual([]);
  });

  it('does not ask for rights where nothing could be read', async () => {
    const asked: RepositoryName[] = [];
    const ask = async (candidates: readonly RepositoryName[]) => {
      asked.push(...candidates);
      return candidates;
    };
    await mount(project.repository('elsewhere'), ask);
    expect(asked).toEqual([source.repository]);
  });

  it('is not talked into a source that was not offered', async () => {
    const secret = new Client(world.catalog, await world.aProject(), project.repository('secret'), CARLA);
    const lying = async () => [secret.repository];
    expect(await mount(source.repository, lying)).toBeNull();
  });

  it('needs no other right for what the repository holds already', async () => {
    await mount(source.repository);
    expect(await mount(project.repository('elsewhere'), nothing)).toEqual({ digest, sizeBytes: 1_000 });
  });

  it('beside the collector: what was mounted stays, whoever was first', async () => {
    const collector = createCollector(world.database, world.store, { graceSeconds: 0 });
    for (let round = 0; round < 15; round++) {
      const content = someBytes();
      const wanted = await source.pushBlob(content);
      await world.database.rows(`UPDATE repository_blob SET lease_until = now() - interval '1 s' RETURNING blob_id`);
      const [result] = await Promise.all([mount(source.repository, everything, wanted), collector.runOnce(NEVER)]);
      const found = await world.catalog.blobs.find(project.repository('target'), wanted);
      expect(found?.digest).toBe(result?.digest);
      if (found !== null) expect(await world.store.stat(found.objectKey)).toEqual({ sizeBytes: 1_000 });
      // Whatever the outcome, the client's next step works: a push of the same content.
      expect(await source.pushBlob(content)).toBe(wanted);
    }
  });
});
