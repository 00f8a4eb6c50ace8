import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type Digest, parseManifest } from '@breakwater/oci';
import { BlobLeases } from '../blobs/blob-leases.js';
import { ManifestBlobUnknownError } from '../manifests/manifest.errors.js';
import { resolveManifest } from '../manifests/manifest-references.js';
import { type CollectionWorld, createCollectionWorld } from '../testing/collection-world.js';
import { anImage, chunkOf, type Client, digestOf, type TestImage } from '../testing/content.js';
import { untilBlocked } from '../testing/stepping.js';

/**
 * The end of a lease against all that extends it: whoever has the link's row first wins, and the other sees it. Each
 * race is decided at four points: either side stands before its commit, or between what it sees and what it locks.
 */
describe('the end of a lease', () => {
  let world: CollectionWorld;
  let client: Client;
  let image: TestImage;
  let config: Buffer;
  let digest: Digest;

  beforeAll(async () => {
    world = await createCollectionWorld(true);
  });
  beforeEach(async () => {
    client = await world.aClient();
    image = anImage();
    for (const blob of image.blobs) digest = await client.pushBlob((config = blob));
    await world.endLeases(digest);
  });
  afterEach(async () => {
    await world.letGo();
    expect(await world.audit()).toMatchObject({ isWell: true });
  });
  afterAll(() => world.close());

  const unknown = expect.any(ManifestBlobUnknownError) as unknown;
  /**
   * What gives the link a longer life, and what it says when it came too late: it waited for the collector, or it had
   * seen the link before. Whoever brings the content or waits for its blob revives it: it is condemned, and not gone.
   */
  const extensions = {
    'a HEAD': { extend: (by: Client) => by.hasBlob(digest), afterWaiting: false, afterLooking: false },
    'a manifest that names it': {
      extend: (by: Client) => by.put(image).then(() => true),
      afterWaiting: unknown,
      afterLooking: unknown,
    },
    'an upload of the same content': {
      extend: async (by: Client) => {
        const { id } = await client.catalog.uploads.start(client.project, client.repository, client.principal);
        await by.catalog.uploads.finish(by.repository, by.principal, id, digest, chunkOf(config));
        return true;
      },
      afterWaiting: true,
      afterLooking: true,
    },
    'a mount from a repository that holds it': {
      extend: async ({ catalog, project, repository }: Client) =>
        (await catalog.uploads.mount(project, repository, digest, null, async () => [])) !== null,
      afterWaiting: true,
      afterLooking: false,
    },
  };

  describe.each(Object.entries(extensions))('against %s', (_, { extend, afterWaiting, afterLooking }) => {
    const outcomeOf = (extending: Promise<boolean>): Promise<unknown> => extending.catch((error: unknown) => error);

    it('passes by a link that is about to be extended', async () => {
      const braked = await world.brakedClient(client);
      const extending = extend(braked.client);
      await braked.reached();
      expect(await world.collection.expireLinks(10)).toBe(0);
      braked.release();
      expect(await extending).toBe(true);
      expect(await world.collection.expireLinks(10)).toBe(0);
      expect(await world.read(client.repository, digest)).toEqual(config);
    });

    it('looks again at a link that was extended after it was seen', async () => {
      const { gate, collection } = await world.gatedCollection();
      const expiring = collection.expireLinks(10);
      await gate.reached();
      expect(await extend(client)).toBe(true);
      await gate.open();
      expect(await expiring).toBe(0);
      expect(await world.read(client.repository, digest)).toEqual(config);
    });

    it('is waited for, and then told to whoever came too late', async () => {
      const braked = await world.brakedCollection();
      const expiring = braked.collection.expireLinks(10);
      await braked.reached();
      const extending = outcomeOf(extend(client));
      await untilBlocked(world.database);
      braked.release();
      expect(await expiring).toBe(1);
      expect(await extending).toEqual(afterWaiting);
      expect(await world.read(client.repository, digest)).toEqual(afterWaiting === true ? config : null);
    });

    it('is seen by whoever saw the link before and locks it after', async () => {
      const gated = await world.gatedClient(client);
      const extending = outcomeOf(extend(gated.client));
      await gated.gate.reached();
      expect(await world.collection.expireLinks(10)).toBe(1);
      await gated.gate.open();
      expect(await extending).toEqual(afterLooking);
      expect(await world.read(client.repository, digest)).toEqual(afterLooking === true ? config : null);
    });
  });

  it('is seen by a renewal that found the link and waits for its lock', async () => {
    const gate = await world.closeGate();
    const leases = new BlobLeases(await world.connect(gate.applicationName), 60);
    const renewing = leases.renew(await linkOf(digest));
    await gate.reached();
    expect(await world.collection.expireLinks(10)).toBe(1);
    await gate.open();
    expect(await renewing).toBe(false);
  });

  it('does not come to a link that a manifest took between the look and the lock of a renewal', async () => {
    const gate = await world.closeGate();
    const leases = new BlobLeases(await world.connect(gate.applicationName), 60);
    const renewing = leases.renew(await linkOf(digest));
    await gate.reached();
    await client.put(image);
    await gate.open();
    expect(await renewing).toBe(true);
    expect(await leaseOf(digest)).toBeNull();
  });

  it('does not come to a link that was renewed between the look and the lock of a manifest', async () => {
    const gate = await world.closeGate();
    const gated = await world.connect(gate.applicationName);
    const { repositoryId } = await linkOf(digest);
    const resolving = gated.unitOfWork.run(async (tx) => {
      const resolved = await resolveManifest(tx, repositoryId, parseManifest(image.manifest, image.mediaType));
      expect(await leaseOf(digest, tx)).toBeNull();
      return resolved.missing;
    });
    await gate.reached();
    expect(await client.hasBlob(digest)).toBe(true);
    await gate.open();
    expect(await resolving).toEqual([]);
    await client.put(image);
  });

  it('leaves alone what a manifest needs, whatever the lease says', async () => {
    await client.put(image);
    const { repositoryId, blobId } = await linkOf(digest);
    const sql =
      'UPDATE repository_blob SET lease_until = $3 WHERE repository_id = $1 AND blob_id = $2 RETURNING blob_id';
    await world.database.rows(sql, [repositoryId, blobId, new Date(0)]);
    const other = await client.pushBlob(Buffer.from('not needed'));
    await world.endLeases(digestOf(Buffer.from('not needed')));
    expect(await world.collection.expireLinks(10)).toBe(1);
    expect(await client.hasBlob(other)).toBe(false);
    expect(await client.hasBlob(digest)).toBe(true);
    await world.database.rows(sql, [repositoryId, blobId, null]);
  });

  async function linkOf(wanted: Digest): Promise<{ repositoryId: string; blobId: string }> {
    const [row] = await world.database.rows<{ repositoryId: string; blobId: string }>(
      `SELECT l.repository_id AS "repositoryId", l.blob_id AS "blobId"
       FROM repository_blob l JOIN blob b ON b.id = l.blob_id JOIN repository r ON r.id = l.repository_id
       WHERE b.digest = $1 AND r.name = $2`,
      [wanted, client.repository],
    );
    if (row === undefined) throw new Error('there is no such link');
    return row;
  }

  async function leaseOf(wanted: Digest, database: Pick<typeof world.database, 'rows'> = world.database) {
    const { repositoryId, blobId } = await linkOf(wanted);
    const sql = 'SELECT lease_until FROM repository_blob WHERE repository_id = $1 AND blob_id = $2';
    const rows = await database.rows<{ lease_until: Date | null }>(sql, [repositoryId, blobId]);
    return rows[0]?.lease_until;
  }
});
