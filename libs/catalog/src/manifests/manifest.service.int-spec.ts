import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Tag } from '@breakwater/oci';
import { wrongBookkeeping } from '../testing/bookkeeping.js';
import { type CatalogWorld, CI, createCatalogWorld } from '../testing/catalog-world.js';
import { anImage, byDigest, byTag, digestOf, pushOf } from '../testing/content.js';
import { aClient, artifactRow, kindsTold, toldOf } from '../testing/told.js';
import { DigestMismatchError } from '../uploads/upload.errors.js';

describe('ManifestService.put', () => {
  let world: CatalogWorld;

  beforeAll(async () => {
    world = await createCatalogWorld();
  });
  afterEach(async () => expect(await wrongBookkeeping(world.database)).toEqual({}));
  afterAll(() => world.close());

  describe('by tag and by digest', () => {
    it('makes a manifest readable, byte for byte, under both', async () => {
      const client = await aClient(world);
      const image = anImage();
      const pushed = await client.push(image, byTag('v1'));
      expect(pushed).toEqual({ digest: image.digest, subject: null, tags: ['v1'], isNew: true });
      for (const reference of [byTag('v1'), byDigest(image.digest)]) {
        const found = await client.find(reference);
        expect(found).toMatchObject({ digest: image.digest, mediaType: image.mediaType });
        expect(found?.sizeBytes).toBe(image.manifest.byteLength);
        expect((await client.catalog.artifacts.content(found as never)).equals(image.manifest)).toBe(true);
      }
    });

    it('takes every tag of a push, and tells them all', async () => {
      const client = await aClient(world);
      const image = anImage();
      const { tags } = await client.push(image, byDigest(image.digest), ['1', '1.2', '1.2.3', '1']);
      expect(tags).toEqual(['1', '1.2', '1.2.3']);
      for (const tag of tags) expect(await client.digestOf(byTag(tag))).toBe(image.digest);
      expect(await kindsTold(world, client)).toEqual([
        'repository-created',
        'artifact-pushed',
        'tag-created',
        'tag-created',
        'tag-created',
      ]);
    });

    it('keeps the algorithm of the digest that the client pushes by', async () => {
      const client = await aClient(world);
      const image = anImage();
      const digest = digestOf(image.manifest, 'sha512');
      await client.push(image, byDigest(digest), ['long']);
      expect(await client.digestOf(byTag('long'))).toBe(digest);
      expect(await client.digestOf(byDigest(image.digest))).toBeNull();
    });

    it('refuses content that is not what the digest says, and keeps nothing of it', async () => {
      const client = await aClient(world);
      const image = anImage();
      const other = { ...image, manifest: Buffer.concat([image.manifest, Buffer.from('  ')]) };
      await expect(client.push(other, byDigest(image.digest))).rejects.toThrow(DigestMismatchError);
      expect(await client.digestOf(byDigest(image.digest))).toBeNull();
    });

    it('tells who pushed what', async () => {
      const client = await aClient(world);
      const image = anImage();
      await client.push(image, byTag('v1'));
      const [, event] = (await toldOf(world, client)).find(([kind]) => kind === 'artifact-pushed') ?? [];
      expect(event).toEqual({
        projectId: client.project.id,
        repository: client.repository,
        digest: image.digest,
        manifestMediaType: image.mediaType,
        tags: ['v1'],
        subjectDigest: null,
        by: CI.name,
        at: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      });
    });
  });

  describe('again', () => {
    it('changes nothing, and is told as a push all the same', async () => {
      const client = await aClient(world);
      const image = anImage();
      await client.push(image, byTag('v1'));
      const sql = `SELECT a.*, t.pushed_at AS tagged_at, r.updated_at FROM artifact a
                   JOIN tag t ON t.artifact_id = a.id JOIN repository r ON r.id = a.repository_id WHERE a.digest = $1`;
      const before = await world.database.rows(sql, [image.digest]);
      expect(await client.put(image, byTag('v1'))).toMatchObject({ digest: image.digest, isNew: false });
      expect(await world.database.rows(sql, [image.digest])).toEqual(before);
      expect(await kindsTold(world, client)).toEqual([
        'repository-created',
        'artifact-pushed',
        'tag-created',
        'artifact-pushed',
      ]);
    });

    it('gives another tag to the artifact that is there', async () => {
      const client = await aClient(world);
      const image = anImage();
      await client.push(image, byTag('v1'));
      const { pushed_at } = await artifactRow(world, image.digest);
      expect((await client.put(image, byTag('v2'))).isNew).toBe(false);
      expect(await artifactRow(world, image.digest)).toMatchObject({ pushed_at, tag_count: 2 });
    });

    it('moves a tag to other content; the old content stays, untagged', async () => {
      const client = await aClient(world);
      const [old, young] = [anImage(), anImage()];
      await client.push(old, byTag('latest'));
      await client.push(young, byTag('latest'));
      expect(await client.digestOf(byTag('latest'))).toBe(young.digest);
      expect(await artifactRow(world, old.digest)).toMatchObject({ tag_count: 0 });
      const [, event] = (await toldOf(world, client)).find(([kind]) => kind === 'tag-moved') ?? [];
      expect(event).toMatchObject({ tag: 'latest', from: old.digest, to: young.digest });
    });
  });

  describe('at once', () => {
    it('gives a tag to one of many, and counts right', async () => {
      const client = await aClient(world);
      const images = Array.from({ length: 6 }, () => anImage());
      for (const image of images) for (const blob of image.blobs) await client.pushBlob(blob);
      await Promise.all(images.map((image) => client.put(image, byTag('latest'))));
      const winner = await client.digestOf(byTag('latest'));
      expect(images.map((image) => image.digest)).toContain(winner);
      const moves = (await toldOf(world, client)).filter(([kind]) => kind === 'tag-moved').map(([, event]) => event);
      // Every event says where the tag came from: together they are one chain that ends at the winner.
      expect(moves).toHaveLength(5);
      for (const [nth, move] of moves.slice(1).entries()) expect(move['from']).toBe(moves[nth]?.['to']);
      expect(moves.at(-1)?.['to']).toBe(winner);
    });

    it('makes one artifact of the same manifest', async () => {
      const client = await aClient(world);
      const image = anImage();
      for (const blob of image.blobs) await client.pushBlob(blob);
      const replica = await world.replica();
      const pushes = Array.from({ length: 8 }, (_, nth) =>
        (nth % 2 ? client.catalog : replica).manifests.put(client.project, client.repository, CI, {
          ...pushOf(image),
          tags: [Tag.parse(`v${nth}`)],
        }),
      );
      expect((await Promise.all(pushes)).filter((pushed) => pushed.isNew)).toHaveLength(1);
      expect(await artifactRow(world, image.digest)).toMatchObject({ tag_count: 8 });
      expect(
        (await world.told('events.catalog.artifact-pushed.v1')).filter((event) => event['digest'] === image.digest),
      ).toHaveLength(8);
    });
  });
});
