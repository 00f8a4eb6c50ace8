import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Digest } from '@breakwater/oci';
import { attachFrom } from '../blobs/blob-attachment.js';
import { type CollectionWorld, createCollectionWorld } from '../testing/collection-world.js';
import { chunkOf, type Client, someBytes } from '../testing/content.js';
import { untilBlocked } from '../testing/stepping.js';

/** The end of a blob against all that brings it back, stepped by hand. */
describe('the end of a blob', () => {
  let world: CollectionWorld;
  let holder: Client;
  let other: Client;
  let content: Buffer;
  let digest: Digest;

  beforeAll(async () => {
    world = await createCollectionWorld(true);
  });
  beforeEach(async () => {
    [holder, other] = [await world.aClient(), await world.aClient()];
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
  const mount = (by: Client) =>
    by.catalog.uploads.mount(by.project, by.repository, digest, holder.repository, async (all) => all);
  const upload = ({ catalog, project, repository, principal }: Client) =>
    catalog.uploads.start(project, repository, principal);
  const finish = (by: Client, id: string) =>
    by.catalog.uploads.finish(by.repository, by.principal, id, digest, chunkOf(content));

  async function condemned(): Promise<string> {
    const before = await objectKey();
    await drop(holder);
    expect(await world.isCondemned(digest)).toBe(true);
    return before;
  }

  async function objectKey(): Promise<string> {
    const rows = await world.database.rows<{ object_key: string }>('SELECT object_key FROM blob WHERE digest = $1', [
      digest,
    ]);
    return rows[0]?.object_key ?? '';
  }

  async function trashReasons(): Promise<string[]> {
    const rows = await world.database.rows<{ reason: string }>(
      'SELECT reason FROM trash ORDER BY created_at DESC LIMIT 1',
    );
    return rows.map((row) => row.reason);
  }

  describe('condemning, against a mount', () => {
    it('waits for a mount that has the blob, and then finds a link', async () => {
      const braked = await world.brakedClient(other);
      const mounting = mount(braked.client);
      await braked.reached();
      const dropping = drop(holder);
      await untilBlocked(world.database);
      braked.release();
      expect(await mounting).toMatchObject({ digest });
      await dropping;
      expect(await world.isCondemned(digest)).toBe(false);
      expect(await world.read(other.repository, digest)).toEqual(content);
    });

    it('is waited for by a mount that was allowed before, which revives the blob', async () => {
      const braked = await world.brakedClient(holder);
      const dropping = drop(braked.client);
      await braked.reached();
      const mounting = mount(other);
      await untilBlocked(world.database);
      braked.release();
      await dropping;
      expect(await mounting).toMatchObject({ digest });
      expect(await world.isCondemned(digest)).toBe(false);
      expect(await world.collection.collectCondemned(0, 100)).toBe(0);
      expect(await world.read(other.repository, digest)).toEqual(content);
      expect(await world.read(holder.repository, digest)).toBeNull();
    });

    it('takes only the link whose lease is over, when a mount came between look and lock', async () => {
      await world.endLeases(digest);
      const { gate, collection } = await world.gatedCollection();
      const expiring = collection.expireLinks(10);
      await gate.reached();
      expect(await mount(other)).toMatchObject({ digest });
      await gate.open();
      expect(await expiring).toBe(1);
      expect(await world.isCondemned(digest)).toBe(false);
      expect(await world.read(other.repository, digest)).toEqual(content);
    });
  });

  describe('collecting, against a mount', () => {
    it('is seen by a mount that saw the blob before', async () => {
      const repositoryId = await other.catalog.uploads
        .start(other.project, other.repository, other.principal)
        .then(() => repositoryIdOf(other));
      const gate = await world.closeGate();
      const gated = await world.connect(gate.applicationName);
      const mounting = gated.unitOfWork.run((tx) => attachFrom(tx, repositoryId, digest, [holder.repository], 60));
      await gate.reached();
      await condemned();
      expect(await world.collection.collectCondemned(0, 10)).toBe(1);
      await gate.open();
      expect(await mounting).toBeNull();
      expect(await world.read(other.repository, digest)).toBeNull();
    });

    it('looks again at a blob that a mount has revived', async () => {
      const repositoryId = await upload(other).then(() => repositoryIdOf(other));
      // Seen while the holder still had it, locked when it is condemned.
      const gate = await world.closeGate();
      const gated = await world.connect(gate.applicationName);
      const mounting = gated.unitOfWork.run((tx) => attachFrom(tx, repositoryId, digest, [holder.repository], 60));
      await gate.reached();
      await condemned();
      const collecting = await world.gatedCollection();
      const collected = collecting.collection.collectCondemned(0, 10);
      await collecting.gate.reached();
      await gate.open();
      expect(await mounting).toMatchObject({ digest });
      await collecting.gate.open();
      expect(await collected).toBe(0);
      expect(await world.read(other.repository, digest)).toEqual(content);
    });
  });

  describe('collecting, against an upload of the same content', () => {
    it('passes by a blob that is about to be revived', async () => {
      const before = await condemned();
      const { id } = await upload(other);
      const braked = await world.brakedClient(other);
      const finishing = finish(braked.client, id);
      await braked.reached();
      expect(await world.collection.collectCondemned(0, 10)).toBe(0);
      braked.release();
      await finishing;
      expect(await objectKey()).toBe(before);
      expect(await trashReasons()).toEqual(['duplicate']);
      expect(await world.read(other.repository, digest)).toEqual(content);
    });

    it('looks again at a blob that was revived after it was seen', async () => {
      await condemned();
      const { gate, collection } = await world.gatedCollection();
      const collecting = collection.collectCondemned(0, 10);
      await gate.reached();
      await finish(other, (await upload(other)).id);
      await gate.open();
      expect(await collecting).toBe(0);
      expect(await world.read(other.repository, digest)).toEqual(content);
    });

    it('is waited for by the upload, which then keeps its own object', async () => {
      const before = await condemned();
      const { id } = await upload(other);
      const braked = await world.brakedCollection();
      const collecting = braked.collection.collectCondemned(0, 10);
      await braked.reached();
      const finishing = finish(other, id);
      await untilBlocked(world.database);
      braked.release();
      expect(await collecting).toBe(1);
      await finishing;
      expect(await objectKey()).not.toBe(before);
      expect(await trashReasons()).toEqual(['collected']);
      expect(await world.read(other.repository, digest)).toEqual(content);
    });
  });

  describe('its last two links', () => {
    beforeEach(async () => {
      await other.pushBlob(content);
    });

    it('go one after the other, and the second sees that none is left', async () => {
      const braked = await world.brakedClient(holder);
      const first = drop(braked.client);
      await braked.reached();
      const second = drop(other);
      await untilBlocked(world.database);
      braked.release();
      await Promise.all([first, second]);
      expect(await world.isCondemned(digest)).toBe(true);
    });

    it('are taken by a DELETE that waits for the collector', async () => {
      await world.endLeases(digest, holder.repository);
      const braked = await world.brakedCollection();
      const expiring = braked.collection.expireLinks(10);
      await braked.reached();
      const dropping = drop(other);
      await untilBlocked(world.database);
      braked.release();
      expect(await expiring).toBe(1);
      await dropping;
      expect(await world.isCondemned(digest)).toBe(true);
    });

    it('are taken by the collector, which passes by while a DELETE is at the blob', async () => {
      await world.endLeases(digest, other.repository);
      const braked = await world.brakedClient(holder);
      const dropping = drop(braked.client);
      await braked.reached();
      expect(await world.collection.expireLinks(10)).toBe(0);
      braked.release();
      await dropping;
      expect(await world.isCondemned(digest)).toBe(false);
      expect(await world.collection.expireLinks(10)).toBe(1);
      expect(await world.isCondemned(digest)).toBe(true);
    });

    it('are taken by two collectors at once', async () => {
      await world.endLeases(digest);
      const [one, two] = [await world.gatedCollection(), await world.gatedCollection()];
      const expiring = [one.collection.expireLinks(1), two.collection.expireLinks(1)];
      await Promise.all([one.gate.reached(), two.gate.reached()]);
      await Promise.all([one.gate.open(), two.gate.open()]);
      const taken = await Promise.all(expiring);
      const rest = await world.collection.expireLinks(10);
      expect(taken.reduce((sum, count) => sum + count, rest)).toBe(2);
      expect(await world.isCondemned(digest)).toBe(true);
    });
  });

  async function repositoryIdOf(client: Client): Promise<string> {
    const sql = 'SELECT id FROM repository WHERE name = $1';
    const [row] = await world.database.rows<{ id: string }>(sql, [client.repository]);
    return (row as { id: string }).id;
  }
});
