import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { CatalogControl } from '../create-catalog-control.js';
import { ManifestBlobUnknownError, ManifestUnknownError } from '../manifests/manifest.errors.js';
import { CARLA, CI, type CatalogWorld, createCatalogWorld, type TestProject } from '../testing/catalog-world.js';
import {
  anImage,
  anIndex,
  byDigest,
  byTag,
  Client,
  descriptorOf,
  digestOf,
  manifestOf,
  someBytes,
  type TestImage,
} from '../testing/content.js';
import { controlOf } from '../testing/control.js';
import { ArtifactIsAccessoryError } from './artifact.errors.js';
import type { RepositoryAddress } from './artifact-reader.js';

let world: CatalogWorld;
let control: CatalogControl;
let source: Client;
let target: Client;

beforeAll(async () => {
  world = await createCatalogWorld();
  control = controlOf(world);
});
beforeEach(async () => {
  const [from, to] = [await world.aProject(), await world.aProject()];
  source = clientOf(from);
  target = clientOf(to);
});
afterAll(() => world.close());

const clientOf = (project: TestProject, name = 'app') =>
  new Client(world.catalog, project, project.repository(name), CI);
const addressOf = ({ project, repository }: Client): RepositoryAddress => ({ projectId: project.id, name: repository });
const EVERY = { tags: true, accessories: true, inheritedAccessories: false };

const copy = (reference = byTag('v1'), to = target, from = source) =>
  control.copies.copy(addressOf(from), reference, { project: to.project, name: to.repository }, CARLA);

async function push(tag: string | null, image: TestImage = anImage()): Promise<TestImage> {
  await source.push(image, tag === null ? undefined : byTag(tag));
  return image;
}

const pushedTold = async () =>
  (await world.told('events.catalog.artifact-pushed.v1')).filter((event) => event['repository'] === target.repository);

describe('a copy', () => {
  it('is the same artifact with all its tags, whose blobs are the same objects', async () => {
    const image = await push('v1');
    await source.put(image, byTag('stable'));
    const objects = () => world.database.rows('SELECT object_key FROM blob ORDER BY id');
    const before = await objects();
    await copy();
    expect(await objects()).toEqual(before);
    const [original, copied] = await Promise.all(
      [source, target].map((client) => control.artifacts.get(addressOf(client), byDigest(image.digest), EVERY)),
    );
    expect(copied?.tags.map(({ name }) => name).sort()).toEqual(['stable', 'v1']);
    const facts = ({ type, mediaType, sizeBytes, extraAttributes, annotations }: NonNullable<typeof original>) => {
      return { type, mediaType, sizeBytes, extraAttributes, annotations };
    };
    expect(copied && facts(copied)).toEqual(original && facts(original));
    expect(await pushedTold()).toMatchObject([{ digest: image.digest, tags: ['stable', 'v1'], by: 'carla' }]);
    const created = await world.told('events.catalog.repository-created.v1');
    expect(created.at(-1)).toMatchObject({ repository: target.repository });
  });

  it('lives on when the original and its repository go', async () => {
    const image = await push('v1');
    await copy();
    await control.repositories.delete(source.project, source.repository, CARLA);
    for (const blob of image.blobs) expect(await target.hasBlob(digestOf(blob))).toBe(true);
    expect(await leasesOf(target)).toEqual([null, null]);
    expect(await target.digestOf(byTag('v1'))).toBe(image.digest);
  });

  it('takes along what an index holds and what is attached to any of them', async () => {
    const child = await push(null);
    const nested = await push(null, anIndex([child.descriptor]));
    const root = await push('v1', anIndex([nested.descriptor]));
    const signature = await push(null, anImage({ subject: child.descriptor }));
    const ofSignature = await push(null, anImage({ subject: signature.descriptor }));
    await copy(byDigest(root.digest));
    for (const { digest } of [child, nested, root, signature, ofSignature])
      expect(await target.digestOf(byDigest(digest))).toBe(digest);
    expect(await control.artifacts.get(addressOf(target), byDigest(child.digest), EVERY)).toMatchObject({
      accessories: [{ digest: signature.digest }],
      tags: [],
    });
    await expect(control.artifacts.delete(addressOf(target), byDigest(child.digest), CARLA)).rejects.toThrow('is held');
    expect((await pushedTold()).map(({ digest }) => digest).sort()).toEqual(
      [child, nested, root, signature, ofSignature].map(({ digest }) => digest).sort(),
    );
  });

  it('keeps tags of old signatures where they are free, and moves its own', async () => {
    const image = await push('v1');
    const signatureTag = `${image.digest.replace(':', '-')}.sig`;
    const signed = await push(signatureTag, cosignSignature());
    await target.push(anImage(), byTag('v1'));
    await copy();
    expect(await target.digestOf(byTag('v1'))).toBe(image.digest);
    expect(await target.digestOf(byTag(signatureTag))).toBe(signed.digest);
    const own = cosignSignature();
    await target.push(own, byTag(signatureTag));
    await copy();
    expect(await target.digestOf(byTag(signatureTag))).toBe(own.digest);
  });

  it('of what is there already brings only its tags, and is silent when there are none to bring', async () => {
    const image = await push('v1');
    await target.push(image, byTag('mine'));
    await copy();
    expect((await control.artifacts.get(addressOf(target), byTag('v1'), EVERY)).tags).toHaveLength(2);
    const told = (await pushedTold()).length;
    await copy();
    expect(await pushedTold()).toHaveLength(told);
    await copy(byTag('v1'), source);
    expect(await source.digestOf(byTag('v1'))).toBe(image.digest);
  });

  it('gives indexes of the target what they waited for', async () => {
    const sparse = await world.aProject({ sparse_content: 'true' });
    const to = clientOf(sparse);
    const image = await push('v1');
    const index = anIndex([image.descriptor]);
    await to.put(index, byTag('waiting'));
    await copy(byTag('v1'), to);
    const { children } = await control.artifacts.get(addressOf(to), byTag('waiting'));
    const { id } = await control.artifacts.get(addressOf(to), byDigest(image.digest));
    expect(children).toMatchObject([{ childId: id }]);
  });

  it('brings no gap into a project that allows none', async () => {
    const from = clientOf(await world.aProject({ sparse_content: 'true' }));
    const missing = anImage();
    await from.put(missing, byTag('gap'));
    const gap = copy(byTag('gap'), target, from);
    await expect(gap).rejects.toThrow(ManifestBlobUnknownError);
    expect(await target.digestOf(byTag('gap'))).toBeNull();
  });

  it('is of an artifact that is there and is no accessory', async () => {
    const image = await push('v1');
    const signature = await push(null, anImage({ subject: image.descriptor }));
    await expect(copy(byDigest(signature.digest))).rejects.toThrow(ArtifactIsAccessoryError);
    await expect(copy(byTag('none'))).rejects.toThrow(ManifestUnknownError);
    await expect(copy(byTag('v1'), target, clientOf(await world.aProject()))).rejects.toThrow(ManifestUnknownError);
    const stolen = { projectId: target.project.id, name: source.repository };
    const to = { project: target.project, name: target.repository };
    await expect(control.copies.copy(stolen, byTag('v1'), to, CARLA)).rejects.toThrow(ManifestUnknownError);
    expect(await world.database.rows('SELECT FROM repository WHERE name = $1', [target.repository])).toEqual([]);
  });

  it('waits for whoever changes the source, and copies what is there then', async () => {
    const [before, after] = [await push('v1'), await push('v2')];
    let copying: Promise<void> = Promise.resolve();
    await world.database.unitOfWork.run(async (tx) => {
      await tx.rows('SELECT FROM repository WHERE name = $1 FOR NO KEY UPDATE', [source.repository]);
      copying = copy(byTag('v1'));
      await world.untilSomeoneWaits();
      await tx.execute(
        `UPDATE tag SET artifact_id = other.artifact_id FROM tag other
         WHERE tag.name = 'v1' AND other.name = 'v2' AND tag.repository_id = other.repository_id
           AND tag.repository_id = (SELECT id FROM repository WHERE name = $1)`,
        [source.repository],
      );
    });
    await copying;
    expect(await target.digestOf(byTag('v1'))).toBe(after.digest);
    expect(await target.digestOf(byDigest(before.digest))).toBeNull();
  });

  it('in both directions at once, beside pushes and deletions, ends in a whole state', async () => {
    const [a, b] = [await push('a'), anImage()];
    await target.push(b, byTag('b'));
    const outcomes = await Promise.allSettled(
      Array.from({ length: 4 }, (_, n) => [
        copy(byTag('a')),
        copy(byTag('b'), source, target),
        source.push(anImage(), byTag(`s${n}`)),
        control.artifacts.delete(addressOf(target), byDigest(a.digest), CARLA),
      ]).flat(),
    );
    for (const outcome of outcomes)
      if (outcome.status === 'rejected') expect(outcome.reason).toBeInstanceOf(ManifestUnknownError);
    expect(await source.digestOf(byTag('b'))).toBe(b.digest);
    for (const blob of [...a.blobs, ...b.blobs]) expect(await source.hasBlob(digestOf(blob))).toBe(true);
  });
});

function cosignSignature(): TestImage {
  const [config, payload] = [Buffer.from('{}'), someBytes()];
  return manifestOf('application/vnd.oci.image.manifest.v1+json', [config, payload], {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: descriptorOf(config, 'application/vnd.oci.image.config.v1+json'),
    layers: [descriptorOf(payload, 'application/vnd.dev.cosign.simplesigning.v1+json')],
  });
}

const leasesOf = async ({ repository }: Client) =>
  (
    await world.database.rows<{ lease_until: Date | null }>(
      `SELECT lease_until FROM repository_blob l JOIN repository r ON r.id = l.repository_id WHERE r.name = $1`,
      [repository],
    )
  ).map((row) => row.lease_until);
