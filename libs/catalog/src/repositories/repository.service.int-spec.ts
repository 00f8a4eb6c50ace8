import { RepositoryName } from '@breakwater/oci';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { CatalogControl } from '../create-catalog-control.js';
import { CARLA, CI, type CatalogWorld, createCatalogWorld, type TestProject } from '../testing/catalog-world.js';
import { anImage, anIndex, byDigest, byTag, Client, digestOf, someBytes, type TestImage } from '../testing/content.js';
import { ALL, controlOf } from '../testing/control.js';
import { RepositoryNotFoundError } from './repository.errors.js';

let world: CatalogWorld;
let control: CatalogControl;
let project: TestProject;

beforeAll(async () => {
  world = await createCatalogWorld();
  control = controlOf(world);
});
beforeEach(async () => {
  project = await world.aProject();
});
afterAll(() => world.close());

const clientOf = (name: string, of = project) => new Client(world.catalog, of, of.repository(name), CI);

async function pushed(name: string, tag = 'v1', of = project): Promise<TestImage> {
  const image = anImage();
  await clientOf(name, of).push(image, byTag(tag));
  return image;
}

const names = (page: { items: readonly { name: RepositoryName }[] }) =>
  page.items.map(({ name }) => RepositoryName.withinProject(name));

describe('repositories of a project', () => {
  it('are listed newest first, with their artifacts counted as their list shows them', async () => {
    await pushed('one');
    const child = await pushed('two', 'child');
    await clientOf('two').delete(byTag('child'));
    await clientOf('two').push(anIndex([child.descriptor]), byTag('index'));
    const signature = anImage({ subject: child.descriptor });
    await clientOf('two').push(signature);
    await clientOf('uploads-only').pushBlob(someBytes());
    const page = await control.repositories.list(project.id, ALL);
    expect(names(page)).toEqual(['two', 'one']);
    expect(page.items).toMatchObject([
      { projectId: project.id, artifactCount: 1, pullCount: 0, description: '', createdAt: expect.any(Date) },
      { artifactCount: 1 },
    ]);
    expect(page.total).toBe(2);
  });

  it('are listed by pages, in the order asked for', async () => {
    for (const name of ['b', 'c', 'a']) await pushed(name);
    const request = { orderBy: 'repository.name', where: { sql: 'repository.name <> $1', params: ['x'] } };
    expect(names(await control.repositories.list(project.id, { ...request, limit: 2, offset: 0 }))).toEqual(['a', 'b']);
    const second = await control.repositories.list(project.id, { ...request, limit: 2, offset: 2 });
    expect([names(second), second.total]).toEqual([['c'], 3]);
  });

  it('are listed in two statements, whatever they hold', async () => {
    for (const name of ['a', 'b', 'c']) await pushed(name);
    for (const limit of [1, 3])
      expect(await world.countQueries(() => control.repositories.list(project.id, { limit, offset: 0 }))).toBe(2);
  });

  it('are found by their name, in their project only', async () => {
    await pushed('app');
    const name = project.repository('app');
    expect(await control.repositories.get(project.id, name)).toMatchObject({ name, artifactCount: 1 });
    const other = await world.aProject();
    await expect(control.repositories.get(other.id, name)).rejects.toThrow(RepositoryNotFoundError);
    await expect(control.repositories.get(project.id, project.repository('none'))).rejects.toThrow(
      RepositoryNotFoundError,
    );
  });

  it('keep the description that they are given, as it is', async () => {
    await pushed('app');
    const name = project.repository('app');
    const { updatedAt } = await control.repositories.get(project.id, name);
    await control.repositories.describe(project, name, '<b>bold</b> & so on', CARLA);
    expect(await control.repositories.get(project.id, name)).toMatchObject({
      description: '<b>bold</b> & so on',
      updatedAt,
    });
    const other = await world.aProject();
    await expect(control.repositories.describe(other, name, 'stolen', CARLA)).rejects.toThrow(RepositoryNotFoundError);
  });
});

describe('repositories of all visible projects', () => {
  it('are those of public projects and of one’s own', async () => {
    const [mine, open, hidden] = [await world.aProject(), await world.aProject(), await world.aProject()];
    await world.database.rows('UPDATE project SET is_public = true WHERE id = $1', [open.id]);
    for (const each of [mine, open, hidden]) await pushed('seen', 'v1', each);
    const request = { ...ALL, where: { sql: `repository.name LIKE '%/seen'`, params: [] } };
    const seen = async (visible: Parameters<typeof control.repositories.listVisible>[0]) =>
      (await control.repositories.listVisible(visible, request)).items.map(({ projectId }) => projectId);
    expect(await seen({ all: true })).toEqual([hidden.id, open.id, mine.id]);
    expect(await seen({ all: false, projectIds: [mine.id] })).toEqual([open.id, mine.id]);
    expect(await seen({ all: false, projectIds: [] })).toEqual([open.id]);
  });
});

describe('a deletion', () => {
  it('moves every artifact to the trash, tells of each, and frees what uploads left', async () => {
    const client = clientOf('app');
    const image = await pushed('app', 'v1');
    const index = anIndex([image.descriptor]);
    await client.push(index, byTag('index'));
    const loose = someBytes();
    await client.pushBlob(loose);
    await world.catalog.uploads.start(project, client.repository, CI);
    await control.repositories.delete(project, client.repository, CARLA);

    await expect(control.repositories.get(project.id, client.repository)).rejects.toThrow(RepositoryNotFoundError);
    expect(await client.digestOf(byTag('v1'))).toBeNull();
    const deleted = await world.database.rows<{ digest: string; tags: string[]; deleted_by: string }>(
      'SELECT digest, tags, deleted_by FROM deleted_artifact WHERE repository_name = $1 ORDER BY id',
      [client.repository],
    );
    expect(deleted).toEqual([
      { digest: image.digest, tags: ['v1'], deleted_by: 'carla' },
      { digest: index.digest, tags: ['index'], deleted_by: 'carla' },
    ]);
    const gone = await told('artifact-deleted', client.repository);
    expect(gone.map((event) => event['digest'])).toEqual([image.digest, index.digest]);
    expect(await told('repository-deleted', client.repository)).toMatchObject([
      { projectId: project.id, repository: client.repository, by: 'carla' },
    ]);
    expect(await ownersOf(digestOf(loose))).toEqual([{ is_condemned: true, is_kept: false }]);
    for (const blob of image.blobs)
      expect(await ownersOf(digestOf(blob))).toEqual([{ is_condemned: false, is_kept: true }]);
  });

  it('leaves what other repositories have', async () => {
    const image = await pushed('app');
    const other = clientOf('other');
    await other.push(image, byTag('v1'));
    await control.repositories.delete(project, project.repository('app'), CARLA);
    expect(await other.digestOf(byTag('v1'))).toBe(image.digest);
    for (const blob of image.blobs) expect(await other.hasBlob(digestOf(blob))).toBe(true);
  });

  it('is of a repository that is there, in its project', async () => {
    await pushed('app');
    const other = await world.aProject();
    await expect(control.repositories.delete(other, project.repository('app'), CARLA)).rejects.toThrow(
      RepositoryNotFoundError,
    );
    await clientOf('uploads-only').pushBlob(someBytes());
    await expect(control.repositories.delete(project, project.repository('uploads-only'), CARLA)).rejects.toThrow(
      RepositoryNotFoundError,
    );
  });

  it('and a push beside it: the push is in a new repository or deleted with the old one', async () => {
    for (let round = 0; round < 8; round++) {
      const client = clientOf(`race-${round}`);
      await client.push(anImage(), byTag('old'));
      const image = anImage();
      for (const blob of image.blobs) await client.pushBlob(blob);
      const [put] = await Promise.allSettled([
        client.put(image, byTag('new')),
        control.repositories.delete(project, client.repository, CARLA),
      ]);
      expect(await client.digestOf(byTag('old'))).toBeNull();
      const isHere = (await client.digestOf(byTag('new'))) === image.digest;
      const trashed = await world.database.rows('SELECT FROM deleted_artifact WHERE digest = $1', [image.digest]);
      // Acknowledged: readable, or told as deleted. Refused (its blobs went with the old repository): neither.
      expect([isHere, trashed.length]).toEqual(
        put.status === 'rejected' ? [false, 0] : isHere ? [true, 0] : [false, 1],
      );
      expect(await client.digestOf(byDigest(image.digest))).toBe(isHere ? image.digest : null);
    }
  });

  it('of many artifacts is one transaction that ends', async () => {
    const client = clientOf('large');
    await client.push(anImage(), byTag('v1'));
    await copyRows(project.id, client.repository, 5_000);
    await control.repositories.delete(project, client.repository, CARLA);
    expect(await told('artifact-deleted', client.repository)).toHaveLength(5_001);
  });
});

const told = async (kind: string, repository: string) =>
  (await world.told(`events.catalog.${kind}.v1`)).filter((event) => event['repository'] === repository);

const ownersOf = (digest: string) =>
  world.database.rows(
    `SELECT condemned_at IS NOT NULL AS is_condemned,
            EXISTS (SELECT FROM deleted_artifact_blob WHERE blob_id = blob.id) AS is_kept
     FROM blob WHERE digest = $1`,
    [digest],
  );

/** As many artifacts more, each with a manifest, a tag and a reference to the same layer. */
async function copyRows(projectId: number, repository: RepositoryName, count: number): Promise<void> {
  await world.database.rows(
    `WITH made AS (
       INSERT INTO artifact (project_id, repository_id, digest, type, media_type, manifest_media_type,
                             manifest_size_bytes, size_bytes, tag_count)
       SELECT $1, id, 'sha256:' || lpad(to_hex(n), 64, '0'), 'IMAGE', 'config', 'manifest', 2, 2, 1
       FROM repository, generate_series(1, $3) n WHERE name = $2
       RETURNING id, repository_id, digest
     ), manifests AS (
       INSERT INTO artifact_manifest SELECT id, '\\x7b7d' FROM made
     ), tags AS (
       INSERT INTO tag (repository_id, artifact_id, name) SELECT repository_id, id, 't' || id FROM made
     )
     INSERT INTO artifact_reference (artifact_id, position, repository_id, role, digest, media_type, size_bytes, blob_id)
     SELECT made.id, 0, made.repository_id, 'layer', b.digest, 'layer', b.size_bytes, b.id
     FROM made JOIN LATERAL (
       SELECT blob.* FROM repository_blob l JOIN blob ON blob.id = l.blob_id
       WHERE l.repository_id = made.repository_id ORDER BY blob.id LIMIT 1) b ON true
     RETURNING artifact_id`,
    [projectId, repository, count],
  );
}
