import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type Digest, fallbackTag } from '@breakwater/oci';
import { createCollector } from '../collection/create-collector.js';
import { wrongBookkeeping } from '../testing/bookkeeping.js';
import { type CatalogWorld, CI, createCatalogWorld, type TestProject } from '../testing/catalog-world.js';
import {
  anImage,
  anImageOnTopOf,
  anIndex,
  aReferrer,
  byDigest,
  byTag,
  Client,
  digestOf,
  NEVER,
  type TestImage,
} from '../testing/content.js';
import { ArtifactReferencedError, ManifestBlobUnknownError, ManifestUnknownError } from './manifest.errors.js';

describe('ManifestService.delete', () => {
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
  afterEach(async () => expect(await wrongBookkeeping(world.database)).toEqual({}));
  afterAll(() => world.close());

  const isThere = async ({ digest }: TestImage) => (await client.digestOf(byDigest(digest))) !== null;

  /** Of the test's own repository, by digest. */
  async function inTrash(): Promise<Map<Digest, { tags: string[]; deleted_by: string; blobs: string[] }>> {
    const rows = await world.database.rows<{ digest: Digest; tags: string[]; deleted_by: string; blobs: string[] }>(
      `SELECT d.digest, d.tags, d.deleted_by,
              ARRAY(SELECT b.digest FROM deleted_artifact_blob k JOIN blob b ON b.id = k.blob_id
                    WHERE k.deleted_artifact_id = d.id ORDER BY b.digest) AS blobs
       FROM deleted_artifact d WHERE d.repository_name = $1 AND d.purge_after > now() + interval '23 hours'`,
      [client.repository],
    );
    return new Map(rows.map(({ digest, ...rest }) => [digest, rest]));
  }

  async function told(kind: string): Promise<Record<string, unknown>[]> {
    const events = await world.told(`events.catalog.${kind}.v1`);
    return events.filter((event) => event['repository'] === client.repository);
  }

  describe('by tag', () => {
    it('takes the tag alone', async () => {
      const image = anImage();
      await client.push(image, byTag('v1'));
      await client.put(image, byTag('v2'));
      await client.delete(byTag('v1'));
      expect(await client.digestOf(byTag('v1'))).toBeNull();
      expect(await client.digestOf(byTag('v2'))).toBe(image.digest);
      await client.delete(byTag('v2'));
      expect(await isThere(image)).toBe(true);
      expect(await told('tag-deleted')).toMatchObject([
        { tag: 'v1', digest: image.digest, by: CI.name },
        { tag: 'v2', digest: image.digest },
      ]);
    });

    it('knows no tag that is not there', async () => {
      await expect(client.delete(byTag('v1'))).rejects.toThrow(ManifestUnknownError);
      await client.push(anImage());
      await expect(client.delete(byTag('v1'))).rejects.toThrow(ManifestUnknownError);
    });
  });

  describe('by digest', () => {
    it('takes the artifact with all its tags, whole, to the trash', async () => {
      const image = anImage();
      await client.push(image, byTag('v1'));
      await client.put(image, byTag('latest'));
      await client.delete(byDigest(image.digest));
      expect(await isThere(image)).toBe(false);
      for (const tag of ['v1', 'latest']) expect(await client.digestOf(byTag(tag))).toBeNull();
      await expect(client.delete(byDigest(image.digest))).rejects.toThrow(ManifestUnknownError);
      const blobs = image.blobs.map((blob) => digestOf(blob)).sort();
      expect(await inTrash()).toEqual(
        new Map([[image.digest, { tags: ['latest', 'v1'], deleted_by: CI.name, blobs }]]),
      );
      expect(await told('artifact-deleted')).toMatchObject([{ digest: image.digest, tags: ['latest', 'v1'] }]);
    });

    it('leaves its blobs for the next push, for as long as their lease', async () => {
      const image = anImage();
      await client.push(image);
      await client.delete(byDigest(image.digest));
      for (const blob of image.blobs) expect(await client.hasBlob(digestOf(blob))).toBe(true);
      expect((await client.put(image)).isNew).toBe(true);
    });

    it('keeps protecting blobs that another artifact needs', async () => {
      const [one, two] = [anImage(), anImage()];
      await client.push(one);
      await client.push(anImageOnTopOf(one));
      await client.push(two);
      await client.delete(byDigest(one.digest));
      const shared = digestOf(one.blobs[1] as Buffer);
      await expect(client.catalog.blobs.delete(client.repository, shared)).rejects.toThrow('is needed by');
    });

    it('is refused while an index holds it', async () => {
      const image = anImage();
      const index = anIndex([image.descriptor]);
      await client.push(image, byTag('v1'));
      await client.put(index);
      await expect(client.delete(byDigest(image.digest))).rejects.toMatchObject({
        constructor: ArtifactReferencedError,
        parents: [index.digest],
      });
      expect(await client.digestOf(byTag('v1'))).toBe(image.digest);
    });

    it('of an index takes the children that nothing else names', async () => {
      const [only, tagged, shared, attached] = [anImage(), anImage(), anImage(), anImage()];
      const signature = aReferrer(attached.descriptor);
      for (const image of [only, shared, attached, signature]) await client.push(image);
      await client.push(tagged, byTag('v1'));
      const other = anIndex([shared.descriptor]);
      const inner = anIndex([only.descriptor]);
      await client.put(other);
      await client.put(inner);
      const index = anIndex([inner, only, tagged, shared, signature].map((image) => image.descriptor));
      await client.put(index, byTag('multi'));
      await client.delete(byDigest(index.digest));
      for (const image of [index, inner, only]) expect(await isThere(image)).toBe(false);
      for (const image of [tagged, shared, other, attached, signature]) expect(await isThere(image)).toBe(true);
      expect([...(await inTrash()).keys()].sort()).toEqual([index, inner, only].map((image) => image.digest).sort());
    });

    it('takes accessories with their subject, and the accessories of those', async () => {
      const image = anImage();
      const sbom = aReferrer(image.descriptor);
      const signature = aReferrer(sbom.descriptor);
      await client.push(image, byTag('v1'));
      await client.push(sbom, byTag('sbom'));
      await client.push(signature);
      await client.delete(byDigest(image.digest));
      for (const artifact of [image, sbom, signature]) expect(await isThere(artifact)).toBe(false);
      expect((await inTrash()).get(sbom.digest)).toMatchObject({ tags: ['sbom'] });
    });

    it('takes the list of referrers that an old client keeps, and what it lists', async () => {
      const image = anImage();
      const signature = aReferrer(image.descriptor);
      const list = anIndex([signature.descriptor]);
      await client.push(image);
      await client.push(signature);
      await client.put(list, { kind: 'tag', tag: fallbackTag(image.digest) });
      await client.delete(byDigest(image.digest));
      for (const artifact of [image, signature, list]) expect(await isThere(artifact)).toBe(false);
    });

    it('leaves an accessory that an index outside holds', async () => {
      const image = anImage();
      const signature = aReferrer(image.descriptor);
      const holder = anIndex([signature.descriptor]);
      await client.push(image);
      await client.push(signature);
      await client.put(holder, byTag('kept'));
      await client.delete(byDigest(image.digest));
      expect(await isThere(signature)).toBe(true);
      await client.delete(byDigest(holder.digest));
      // Attached to what is gone, and still an accessory: the index did not own it.
      expect(await isThere(signature)).toBe(true);
      await client.delete(byDigest(signature.digest));
    });

    it('works one by one in the reverse order of the push, as the conformance suite deletes', async () => {
      const image = anImage();
      const index = anIndex([image.descriptor]);
      const referrers = [aReferrer(image.descriptor), aReferrer(index.descriptor)];
      const order = [image, index, ...referrers];
      for (const artifact of order) await client.push(artifact);
      for (const artifact of order.toReversed()) {
        await client.delete(byDigest(artifact.digest)).catch((error: unknown) => {
          // A child went with its index: 404, which the suite takes for deleted.
          expect(error).toBeInstanceOf(ManifestUnknownError);
        });
        expect(await isThere(artifact)).toBe(false);
      }
      for (const blob of new Set(order.flatMap((artifact) => artifact.blobs.map((bytes) => digestOf(bytes))))) {
        await client.catalog.blobs.delete(client.repository, blob);
        expect(await client.hasBlob(blob)).toBe(false);
      }
    });

    it('knows no repository that is not there', async () => {
      await expect(client.delete(byDigest(anImage().digest))).rejects.toThrow(ManifestUnknownError);
    });
  });

  describe('at the same moment as', () => {
    it('a push of the same manifest: afterwards it is there whole, or not at all', async () => {
      const image = anImage();
      await client.push(image, byTag('v1'));
      for (let round = 0; round < 15; round++) {
        await Promise.allSettled([client.delete(byDigest(image.digest)), client.put(image, byTag('v2'))]);
        const byName = await client.digestOf(byTag('v2'));
        expect(await isThere(image)).toBe(byName !== null);
        await client.put(image, byTag('v1'));
      }
    });

    it('a push of an index that names it: one of them is refused', async () => {
      for (let round = 0; round < 15; round++) {
        const image = anImage();
        const index = anIndex([image.descriptor]);
        await client.push(image);
        const [deleted, put] = await Promise.allSettled([client.delete(byDigest(image.digest)), client.put(index)]);
        expect([deleted.status, put.status].sort()).toEqual(['fulfilled', 'rejected']);
        const refusal = [deleted, put].find((outcome) => outcome.status === 'rejected');
        const reason: unknown = refusal?.reason;
        expect(reason instanceof ArtifactReferencedError || reason instanceof ManifestBlobUnknownError).toBe(true);
      }
    });

    it('the end of its last tag and a new one: the new tag points at something', async () => {
      const image = anImage();
      for (let round = 0; round < 15; round++) {
        await client.push(image, byTag('old'));
        await Promise.allSettled([client.delete(byTag('old')), client.put(image, byTag('new'))]);
        expect(await client.digestOf(byTag('new'))).toBe(image.digest);
        await client.delete(byTag('new'));
      }
    });
  });

  it('beside a collector that takes everything that is due, loses nothing that a manifest names', async () => {
    const hasty = await world.replica({ options: { blobLeaseSeconds: 0, trashSeconds: 0 } });
    const pusher = new Client(hasty, project, project.repository('hasty'), CI);
    const collector = createCollector(world.database, world.store, { graceSeconds: 0 });
    const images = Array.from({ length: 4 }, () => anImage());
    let isOver = false;
    const collecting = (async () => {
      while (!isOver) await collector.runOnce(NEVER);
    })();
    for (let round = 0; round < 20; round++) {
      await Promise.all(
        images.map(async (image, nth) => {
          if ((round + nth) % 2 === 0) await pusher.push(image, byTag(`v${nth}`)).catch(onlyIfMissing);
          else await pusher.delete(byDigest(image.digest)).catch(onlyIfUnknown);
        }),
      );
      for (const image of images) {
        if ((await pusher.digestOf(byDigest(image.digest))) === null) continue;
        for (const blob of image.blobs) {
          const found = await hasty.blobs.find(pusher.repository, digestOf(blob));
          expect(await world.store.stat(found?.objectKey ?? 'blobs/none')).toEqual({ sizeBytes: blob.byteLength });
        }
      }
    }
    isOver = true;
    await collecting;
  });
});

/** A lease of no time: between the upload and the manifest the collector may take a blob, and the client is told. */
function onlyIfMissing(error: unknown): void {
  expect(error).toBeInstanceOf(ManifestBlobUnknownError);
}

function onlyIfUnknown(error: unknown): void {
  expect(error).toBeInstanceOf(ManifestUnknownError);
}
