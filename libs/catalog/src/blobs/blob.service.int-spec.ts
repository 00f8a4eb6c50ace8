import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Digest } from '@breakwater/oci';
import { ManifestBlobUnknownError } from '../manifests/manifest.errors.js';
import { type CatalogWorld, CI, createCatalogWorld, type TestProject } from '../testing/catalog-world.js';
import { anImage, byDigest, Client, digestOf, someBytes } from '../testing/content.js';
import { BlobReferencedError, BlobUnknownError } from './blob.errors.js';

const LEASE_SECONDS = 3_600;

describe('BlobService', () => {
  let world: CatalogWorld;
  let project: TestProject;
  let client: Client;

  beforeAll(async () => {
    world = await createCatalogWorld();
  });
  beforeEach(async () => {
    project = await world.aProject();
    client = new Client(world.catalog, project, project.repository(), CI);
  });
  afterAll(() => world.close());

  const find = (digest: Digest) => world.catalog.blobs.find(client.repository, digest);

  /** What is left of the lease, in seconds; null for a blob that a manifest needs. */
  async function lease(digest: Digest): Promise<number | null | undefined> {
    const rows = await world.database.rows<{ seconds: number | null }>(
      `SELECT extract(epoch FROM l.lease_until - now())::float8 AS seconds
       FROM repository_blob l JOIN blob b ON b.id = l.blob_id WHERE b.digest = $1`,
      [digest],
    );
    return rows[0]?.seconds;
  }

  async function setLease(digest: Digest, seconds: number): Promise<void> {
    await world.database.rows(
      `UPDATE repository_blob l SET lease_until = now() + make_interval(secs => $2)
       FROM blob b WHERE b.id = l.blob_id AND b.digest = $1 RETURNING l.blob_id`,
      [digest, seconds],
    );
  }

  describe('find', () => {
    it('sees what the repository holds, and nothing that only others hold', async () => {
      const content = someBytes();
      const digest = await client.pushBlob(content);
      expect(await find(digest)).toEqual({
        digest,
        sizeBytes: 1_000,
        objectKey: expect.stringMatching(/^blobs\//),
        isLost: false,
      });
      expect(await world.catalog.blobs.find(project.repository('other'), digest)).toBeNull();
      expect(await find(digestOf(Buffer.from('never pushed')))).toBeNull();
    });

    it('looks up what is asked for together in one query, each answer to its question', async () => {
      const digests = await Promise.all(Array.from({ length: 5 }, () => client.pushBlob(someBytes())));
      const unknown = digestOf(Buffer.from('unknown'));
      const asked = [...digests, unknown, ...digests.toReversed()];
      let found: (Digest | undefined)[] = [];
      const queries = await world.countQueries(async () => {
        found = (await Promise.all(asked.map((digest) => find(digest)))).map((blob) => blob?.digest);
      });
      expect(found).toEqual([...digests, undefined, ...digests.toReversed()]);
      expect(queries).toBe(1);
    });

    it('writes nothing for a blob that a manifest needs, nor for a lease that has more than half to go', async () => {
      const image = anImage();
      await client.push(image);
      const fresh = await client.pushBlob(someBytes());
      const queries = await world.countQueries(async () => {
        for (const digest of [fresh, ...image.blobs.map((blob) => digestOf(blob))]) await find(digest);
        await world.catalog.close();
      });
      expect(queries).toBe(3);
      expect(await lease(digestOf(image.blobs[0] as Buffer))).toBeNull();
    });

    it('extends a lease of which less than half is left, once for many who ask', async () => {
      const digest = await client.pushBlob(someBytes());
      await setLease(digest, LEASE_SECONDS / 2 - 60);
      const queries = await world.countQueries(async () => {
        await Promise.all([find(digest), find(digest), find(digest)]);
        await world.catalog.close();
      });
      expect(queries).toBe(2);
      expect(await lease(digest)).toBeGreaterThan(LEASE_SECONDS - 60);
    });

    it.each([LEASE_SECONDS / 4 - 60, -60])(
      'has extended a lease before it answers when %d s are left',
      async (left) => {
        const digest = await client.pushBlob(someBytes());
        await setLease(digest, left);
        expect(await find(digest)).toMatchObject({ digest });
        expect(await lease(digest)).toBeGreaterThan(LEASE_SECONDS - 60);
      },
    );

    it('does not promise a blob that the collector takes away in the same moment', async () => {
      const digest = await client.pushBlob(someBytes());
      await setLease(digest, -60);
      let asked: ReturnType<typeof find> | undefined;
      // The collector holds the row: the look-up has seen it, and waits to extend what will not be there.
      await world.database.unitOfWork.run(async (tx) => {
        await tx.execute('DELETE FROM repository_blob WHERE blob_id = (SELECT id FROM blob WHERE digest = $1)', [
          digest,
        ]);
        asked = find(digest);
        await world.untilSomeoneWaits();
      });
      expect(await asked).toBeNull();
    });
  });

  describe('delete', () => {
    it('takes the blob out of the repository at once, and out of no other', async () => {
      const content = someBytes();
      const digest = await client.pushBlob(content);
      const other = new Client(world.catalog, project, project.repository('other'), CI);
      await other.pushBlob(content);
      await world.catalog.blobs.delete(client.repository, digest);
      expect(await find(digest)).toBeNull();
      expect(await other.hasBlob(digest)).toBe(true);
      await expect(world.catalog.blobs.delete(client.repository, digest)).rejects.toThrow(BlobUnknownError);
    });

    it('knows no blob of a repository that holds it not, or is not there', async () => {
      const digest = await client.pushBlob(someBytes());
      for (const name of ['other', 'none/at/all'])
        await expect(world.catalog.blobs.delete(project.repository(name), digest)).rejects.toThrow(BlobUnknownError);
    });

    it('leaves a blob that a manifest needs, until the manifest is gone', async () => {
      const image = anImage();
      await client.push(image);
      const digest = digestOf(image.blobs[1] as Buffer);
      await expect(world.catalog.blobs.delete(client.repository, digest)).rejects.toThrow(BlobReferencedError);
      await client.delete(byDigest(image.digest));
      await world.catalog.blobs.delete(client.repository, digest);
      expect(await find(digest)).toBeNull();
    });

    it('condemns what nobody holds any more, for the collector; a new push revives it', async () => {
      const content = someBytes();
      const digest = await client.pushBlob(content);
      const isCondemned = async () => {
        const sql = 'SELECT condemned_at IS NOT NULL AS is_condemned FROM blob WHERE digest = $1';
        return (await world.database.rows<{ is_condemned: boolean }>(sql, [digest]))[0]?.is_condemned;
      };
      await world.catalog.blobs.delete(client.repository, digest);
      expect(await isCondemned()).toBe(true);
      await client.pushBlob(content);
      expect(await isCondemned()).toBe(false);
    });

    it('beside a manifest that comes to need the blob: either is refused, never both, never neither', async () => {
      for (let round = 0; round < 20; round++) {
        const image = anImage();
        for (const blob of image.blobs) await client.pushBlob(blob);
        const digest = digestOf(image.blobs[1] as Buffer);
        const [deleted, put] = await Promise.allSettled([
          world.catalog.blobs.delete(client.repository, digest),
          client.put(image),
        ]);
        const [refusal, ...others] = [deleted, put].filter((outcome) => outcome.status === 'rejected');
        expect(others).toEqual([]);
        expect(refusal?.reason).toBeInstanceOf(refusal === put ? ManifestBlobUnknownError : BlobReferencedError);
        expect(await client.hasBlob(digest)).toBe(put.status === 'fulfilled');
      }
    });
  });
});
