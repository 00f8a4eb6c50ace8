import { Tag } from '@breakwater/oci';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { RepositoryAddress } from '../artifacts/artifact-reader.js';
import type { CatalogControl } from '../create-catalog-control.js';
import { ManifestUnknownError } from '../manifests/manifest.errors.js';
import { CARLA, CI, type CatalogWorld, createCatalogWorld, type TestProject } from '../testing/catalog-world.js';
import { anImage, byDigest, byTag, Client, type TestImage } from '../testing/content.js';
import { ALL, controlOf } from '../testing/control.js';
import { TagExistsError, TagNotFoundError } from './tag.errors.js';

let world: CatalogWorld;
let control: CatalogControl;
let project: TestProject;
let client: Client;
let address: RepositoryAddress;
let image: TestImage;

beforeAll(async () => {
  world = await createCatalogWorld();
  control = controlOf(world);
});
beforeEach(async () => {
  project = await world.aProject();
  client = new Client(world.catalog, project, project.repository(), CI);
  address = { projectId: project.id, name: client.repository };
  image = anImage();
  await client.push(image, byTag('v1'));
});
afterAll(() => world.close());

const tag = (text: string): Tag => Tag.parse(text);
const told = async (kind: string) =>
  (await world.told(`events.catalog.${kind}.v1`)).filter((event) => event['repository'] === client.repository);
const names = (page: { items: readonly { name: Tag }[] }) => page.items.map(({ name }) => name);

describe('tags of an artifact', () => {
  it('are listed newest first, by pages', async () => {
    for (const name of ['v2', 'v3']) await client.put(image, byTag(name));
    await client.push(anImage(), byTag('of-another'));
    const page = await control.tags.list(address, byDigest(image.digest), { limit: 2, offset: 0 });
    expect([names(page), page.total]).toEqual([['v3', 'v2'], 3]);
    const named = { ...ALL, where: { sql: 'tag.name <> $1', params: ['v2'] }, orderBy: 'tag.name' };
    expect(names(await control.tags.list(address, byTag('v2'), named))).toEqual(['v1', 'v3']);
    await expect(control.tags.list(address, byTag('none'), ALL)).rejects.toThrow(ManifestUnknownError);
  });

  it('are made on an artifact, and told', async () => {
    await control.tags.create(address, byTag('v1'), tag('stable'), CARLA);
    expect(await client.digestOf(byTag('stable'))).toBe(image.digest);
    expect((await told('tag-created')).at(-1)).toMatchObject({ tag: 'stable', digest: image.digest, by: 'carla' });
    expect(await control.artifacts.get(address, byTag('stable'), EVERY)).toMatchObject({
      tags: [{ name: 'stable' }, { name: 'v1' }],
    });
  });

  it('are never moved by being made', async () => {
    const other = anImage();
    await client.push(other, byTag('taken'));
    for (const name of ['taken', 'v1'])
      await expect(control.tags.create(address, byDigest(image.digest), tag(name), CARLA)).rejects.toThrow(
        TagExistsError,
      );
    expect(await client.digestOf(byTag('taken'))).toBe(other.digest);
    const wanted = Array.from({ length: 4 }, () => control.tags.create(address, byTag('v1'), tag('once'), CARLA));
    const outcomes = await Promise.allSettled(wanted);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('go, and leave the artifact without a tag', async () => {
    await control.tags.delete(address, byDigest(image.digest), tag('v1'), CARLA);
    expect(await client.digestOf(byTag('v1'))).toBeNull();
    expect(await control.artifacts.get(address, byDigest(image.digest), EVERY)).toMatchObject({ tags: [] });
    expect(await told('tag-deleted')).toMatchObject([{ tag: 'v1', digest: image.digest, by: 'carla' }]);
  });

  it('go only from the artifact that has them', async () => {
    await client.push(anImage(), byTag('of-another'));
    for (const name of ['of-another', 'none'])
      await expect(control.tags.delete(address, byTag('v1'), tag(name), CARLA)).rejects.toThrow(TagNotFoundError);
    const elsewhere = await world.aProject();
    const there = { ...address, projectId: elsewhere.id };
    await expect(control.tags.delete(there, byTag('v1'), tag('v1'), CARLA)).rejects.toThrow(ManifestUnknownError);
    await expect(control.tags.create(there, byTag('v1'), tag('v9'), CARLA)).rejects.toThrow(ManifestUnknownError);
    expect(await client.digestOf(byTag('v1'))).toBe(image.digest);
  });
});

const EVERY = { tags: true, accessories: false, inheritedAccessories: false };
