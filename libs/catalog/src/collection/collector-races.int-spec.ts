import { newObjectKey } from '@breakwater/storage';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { type CollectionWorld, createCollectionWorld } from '../testing/collection-world.js';
import { chunkOf, type Client, digestOf, someBytes } from '../testing/content.js';
import { untilBlocked } from '../testing/stepping.js';
import type { CollectionRepository } from './collection.repository.js';
import { UploadRepository } from '../uploads/upload.repository.js';
import { TrashRepository } from './trash.repository.js';

describe('two collectors at once', () => {
  let world: CollectionWorld;
  let client: Client;

  beforeAll(async () => {
    world = await createCollectionWorld(true);
  });
  beforeEach(async () => {
    client = await world.aClient();
  });
  afterEach(async () => {
    await world.letGo();
    expect(await world.audit()).toMatchObject({ isWell: true });
  });
  afterAll(() => world.close());

  const start = async (): Promise<string> =>
    (await client.catalog.uploads.start(client.project, client.repository, client.principal)).id;

  const due: Record<string, { make: () => Promise<unknown>; take: (by: CollectionRepository) => Promise<number> }> = {
    uploads: {
      make: async () =>
        world.database.rows(`UPDATE upload SET expires_at = now() - interval '1 s' WHERE id = $1 RETURNING id`, [
          await start(),
        ]),
      take: (by) => by.expireUploads(10),
    },
    'deleted artifacts': {
      make: () =>
        world.database.rows(
          `INSERT INTO deleted_artifact (project_id, repository_name, digest, manifest_media_type, content, tags,
                                         pushed_at, deleted_by, purge_after)
           VALUES (1, 'p/r', 'sha256:0', 'm', '', '{}', now(), 'carla', now() - interval '1 s') RETURNING id`,
        ),
      take: (by) => by.purgeDeletedArtifacts(10),
    },
    links: {
      make: async () => world.endLeases(await client.pushBlob(someBytes())),
      take: (by) => by.expireLinks(10),
    },
    'condemned blobs': {
      make: async () => client.catalog.blobs.delete(client.repository, await client.pushBlob(someBytes())),
      take: (by) => by.collectCondemned(0, 10),
    },
    repositories: {
      make: () =>
        world.database.rows(`INSERT INTO repository (project_id, name) VALUES ($1, $2) RETURNING id`, [
          client.project.id,
          `${client.repository}-unused`,
        ]),
      take: async (by) => by.forgetUnusedRepositories(await world.collection.findUnlistedRepositories('0', 100)),
    },
  };

  describe.each(Object.entries(due))('%s', (_, { make, take }) => {
    beforeEach(async () => {
      while ((await take(world.collection)) > 0);
      await make();
    });

    it('are taken by one while the other stands before its commit', async () => {
      const braked = await world.brakedCollection();
      const taking = take(braked.collection);
      await braked.reached();
      expect(await take(world.collection)).toBe(0);
      braked.release();
      expect(await taking).toBe(1);
      expect(await take(world.collection)).toBe(0);
    });

    it('are taken once when both saw them', async () => {
      const { gate, collection } = await world.gatedCollection();
      const taking = take(collection);
      await gate.reached();
      expect(await take(world.collection)).toBe(1);
      await gate.open();
      expect(await taking).toBe(0);
    });
  });

  it('objects in the trash are taken once when both saw them', async () => {
    await client.catalog.uploads.cancel(client.repository, client.principal, await start());
    const gate = await world.closeGate();
    const claiming = new TrashRepository(await world.connect(gate.applicationName)).claim(10);
    await gate.reached();
    const claimed = await new TrashRepository(world.database).claim(10);
    expect(claimed).not.toHaveLength(0);
    await gate.open();
    expect(await claiming).toEqual([]);
  });
});

describe('the end of an upload and of its repository, against those who begin', () => {
  let world: CollectionWorld;
  let client: Client;

  beforeAll(async () => {
    world = await createCollectionWorld(true);
  });
  beforeEach(async () => {
    client = await world.aClient();
  });
  afterEach(async () => {
    await world.letGo();
    expect(await world.audit()).toMatchObject({ isWell: true });
  });
  afterAll(() => world.close());

  const start = (by: Client) => by.catalog.uploads.start(by.project, by.repository, by.principal);
  const unused = () => world.collection.findUnlistedRepositories('0', 100);

  async function anUnusedRepository(): Promise<void> {
    const { id } = await start(client);
    await client.catalog.uploads.cancel(client.repository, client.principal, id);
  }

  it('leaves an upload that a request took up after it was seen', async () => {
    const { id } = await start(client);
    await world.database.rows(`UPDATE upload SET expires_at = now() - interval '1 s' RETURNING id`);
    const { gate, collection } = await world.gatedCollection();
    const expiring = collection.expireUploads(10);
    await gate.reached();
    const content = someBytes();
    await client.catalog.uploads.append(client.repository, client.principal, id, chunkOf(content));
    await gate.open();
    expect(await expiring).toBe(0);
    await client.catalog.uploads.finish(client.repository, client.principal, id, digestOf(content), null);
  });

  it('leaves a repository in which an upload started after it was seen', async () => {
    await anUnusedRepository();
    const ids = await unused();
    const { gate, collection } = await world.gatedCollection();
    const forgetting = collection.forgetUnusedRepositories(ids);
    await gate.reached();
    const { id } = await start(client);
    await gate.open();
    expect(await forgetting).toBe(0);
    const content = someBytes();
    await client.catalog.uploads.finish(client.repository, client.principal, id, digestOf(content), chunkOf(content));
    expect(await world.read(client.repository, digestOf(content))).toEqual(content);
  });

  it('passes by a repository in which an upload is starting', async () => {
    await anUnusedRepository();
    const ids = await unused();
    const { project, repository, principal } = client;
    const upload = { id: randomUUID(), objectKey: newObjectKey(), digestAlgorithm: 'sha256', writer: null } as const;
    const uploads = new UploadRepository({ ttlSeconds: 60, writerSeconds: 30 });
    const braked = world.aBrake();
    const starting = braked.database.unitOfWork.run((tx) =>
      uploads.insertInto(tx, { projectId: project.id, name: repository }, { ...upload, principal }),
    );
    await braked.reached();
    expect(await world.collection.forgetUnusedRepositories(ids)).toBe(0);
    braked.release();
    expect(await starting).toBe(true);
    expect(await world.collection.forgetUnusedRepositories(ids)).toBe(0);
  });

  it('is waited for by an upload, which then makes the repository again', async () => {
    await anUnusedRepository();
    const braked = await world.brakedCollection();
    const forgetting = braked.collection.forgetUnusedRepositories(await unused());
    await braked.reached();
    const starting = start(client);
    await untilBlocked(world.database);
    braked.release();
    expect(await forgetting).toBe(1);
    const content = someBytes();
    const { id } = await starting;
    await client.catalog.uploads.finish(client.repository, client.principal, id, digestOf(content), chunkOf(content));
    expect(await world.read(client.repository, digestOf(content))).toEqual(content);
  });

  it('looks at repositories that are in use only a few at a time, and goes round', async () => {
    const rest = await unused();
    await world.collection.forgetUnusedRepositories(rest);
    for (let count = 0; count < 3; count++) await start(await world.aClient());
    await anUnusedRepository();
    const all = await unused();
    expect(await world.collection.findUnlistedRepositories('0', 2)).toEqual(all.slice(0, 2));
    expect(await world.collection.findUnlistedRepositories(all[1] as string, 2)).toEqual(all.slice(2, 4));
    expect(await world.collection.forgetUnusedRepositories(all)).toBe(1);
  });
});
