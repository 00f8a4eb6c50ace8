import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Digest } from '@breakwater/oci';
import { type CollectionWorld, createCollectionWorld } from '../testing/collection-world.js';
import { type Client, digestOf, someBytes } from '../testing/content.js';
import { untilBlocked } from '../testing/stepping.js';

/** The end of a blob that a deleted artifact keeps for its restoration, stepped by hand. */
describe('the end of what a deleted artifact keeps', () => {
  let world: CollectionWorld;
  let holder: Client;
  let content: Buffer;
  let digest: Digest;

  beforeAll(async () => {
    world = await createCollectionWorld(true);
  });
  beforeEach(async () => {
    holder = await world.aClient();
    content = someBytes();
    digest = await holder.pushBlob(content);
  });
  afterEach(async () => {
    await world.letGo();
    expect(await world.audit()).toMatchObject({ isWell: true });
    while ((await world.collection.collectCondemned(0, 100)) > 0);
  });
  afterAll(() => world.close());

  const drop = (by: Client) => by.catalog.blobs.delete(by.repository, digest);

  it('does not come to what is linked or kept, although it was condemned by mistake', async () => {
    const condemn = `UPDATE blob SET condemned_at = now() - interval '1 h' WHERE digest = $1 RETURNING id`;
    await world.database.rows(condemn, [digest]);
    expect(await world.collection.collectCondemned(0, 10)).toBe(0);
    await keptByDeletedArtifact(3_600);
    await drop(holder);
    await world.database.rows(condemn, [digest]);
    expect(await world.collection.collectCondemned(0, 10)).toBe(0);
    await world.database.rows('UPDATE blob SET condemned_at = NULL WHERE digest = $1 RETURNING id', [digest]);
  });

  it('does not come while a deleted artifact could be restored with it', async () => {
    const id = await keptByDeletedArtifact(3_600);
    await drop(holder);
    expect(await world.isCondemned(digest)).toBe(false);
    expect(await world.collection.purgeDeletedArtifacts(10)).toBe(0);
    await world.database.rows('UPDATE deleted_artifact SET purge_after = now() WHERE id = $1 RETURNING id', [id]);
    expect(await world.collection.purgeDeletedArtifacts(10)).toBe(1);
    expect(await world.isCondemned(digest)).toBe(true);
  });

  describe('its last link and the last deleted artifact that keeps it', () => {
    beforeEach(async () => {
      await keptByDeletedArtifact(-1);
    });

    it('go one after the other, the link first', async () => {
      const braked = await world.brakedClient(holder);
      const dropping = drop(braked.client);
      await braked.reached();
      const purging = world.collection.purgeDeletedArtifacts(10);
      await untilBlocked(world.database);
      braked.release();
      await Promise.all([dropping, purging]);
      expect(await world.isCondemned(digest)).toBe(true);
    });

    it('go one after the other, the artifact first', async () => {
      const braked = await world.brakedCollection();
      const purging = braked.collection.purgeDeletedArtifacts(10);
      await braked.reached();
      const dropping = drop(holder);
      await untilBlocked(world.database);
      braked.release();
      await Promise.all([dropping, purging]);
      expect(await world.isCondemned(digest)).toBe(true);
    });

    it('or the last two such artifacts, taken by two collectors', async () => {
      await keptByDeletedArtifact(-1);
      await drop(holder);
      const braked = await world.brakedCollection();
      const first = braked.collection.purgeDeletedArtifacts(1);
      await braked.reached();
      const second = world.collection.purgeDeletedArtifacts(1);
      await untilBlocked(world.database);
      braked.release();
      expect(await Promise.all([first, second])).toEqual([1, 1]);
      expect(await world.isCondemned(digest)).toBe(true);
    });
  });

  describe('the end of a deleted artifact, against its restoration', () => {
    let id: string;

    beforeEach(async () => {
      id = await keptByDeletedArtifact(-1);
      await drop(holder);
    });

    it('passes by one that is being restored', async () => {
      const braked = await world.brakedClient(holder);
      const restoring = restore(braked.database);
      await braked.reached();
      expect(await world.collection.purgeDeletedArtifacts(10)).toBe(0);
      braked.release();
      expect(await restoring).toBe(true);
      expect(await world.isCondemned(digest)).toBe(false);
      expect(await world.read(holder.repository, digest)).toEqual(content);
    });

    it('looks again at one that was restored after it was seen', async () => {
      const { gate, collection } = await world.gatedCollection();
      const purging = collection.purgeDeletedArtifacts(10);
      await gate.reached();
      expect(await restore(world.database)).toBe(true);
      await gate.open();
      expect(await purging).toBe(0);
      expect(await world.read(holder.repository, digest)).toEqual(content);
    });

    it('is waited for by a restoration, which then finds nothing to restore', async () => {
      const braked = await world.brakedCollection();
      const purging = braked.collection.purgeDeletedArtifacts(10);
      await braked.reached();
      const restoring = restore(world.database);
      await untilBlocked(world.database);
      braked.release();
      expect(await purging).toBe(1);
      expect(await restoring).toBe(false);
      expect(await world.isCondemned(digest)).toBe(true);
    });

    /** What a restoration does to these tables: the artifact's row first, then its blobs, then their links. */
    function restore(database: typeof world.database): Promise<boolean> {
      return database.unitOfWork.run(async (tx) => {
        const held = await tx.rows('SELECT 1 FROM deleted_artifact WHERE id = $1 FOR UPDATE', [id]);
        if (held.length === 0) return false;
        await tx.execute(
          `UPDATE blob SET condemned_at = NULL WHERE id IN (
             SELECT blob_id FROM deleted_artifact_blob WHERE deleted_artifact_id = $1)`,
          [id],
        );
        await tx.execute(
          `INSERT INTO repository_blob (repository_id, blob_id, lease_until)
           SELECT $2, blob_id, now() + interval '1 h' FROM deleted_artifact_blob WHERE deleted_artifact_id = $1`,
          [id, await repositoryIdOf(holder)],
        );
        return (await tx.execute('DELETE FROM deleted_artifact WHERE id = $1', [id])) > 0;
      });
    }
  });

  async function keptByDeletedArtifact(purgeAfterSeconds: number): Promise<string> {
    const [row] = await world.database.rows<{ id: string }>(
      `WITH deleted AS (
         INSERT INTO deleted_artifact (project_id, repository_name, digest, manifest_media_type, content, tags,
                                       pushed_at, deleted_by, purge_after)
         VALUES ($1, $2, $3, 'application/json', '', '{}', now(), 'carla', now() + make_interval(secs => $4))
         RETURNING id
       )
       INSERT INTO deleted_artifact_blob (deleted_artifact_id, blob_id)
       SELECT deleted.id, blob.id FROM deleted, blob WHERE blob.digest = $5 RETURNING deleted_artifact_id AS id`,
      [holder.project.id, holder.repository, digestOf(Buffer.from(holder.repository)), purgeAfterSeconds, digest],
    );
    return (row as { id: string }).id;
  }

  async function repositoryIdOf(client: Client): Promise<string> {
    const sql = 'SELECT id FROM repository WHERE name = $1';
    const [row] = await world.database.rows<{ id: string }>(sql, [client.repository]);
    return (row as { id: string }).id;
  }
});
