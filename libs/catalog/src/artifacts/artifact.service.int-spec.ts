import { MediaType } from '@breakwater/oci';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { CatalogControl } from '../create-catalog-control.js';
import type { ListRequest } from '../lists/list.js';
import { InvalidListQueryError } from '../lists/list.errors.js';
import { ArtifactReferencedError, ManifestUnknownError } from '../manifests/manifest.errors.js';
import { CARLA, CI, type CatalogWorld, createCatalogWorld, type TestProject } from '../testing/catalog-world.js';
import { aChart } from '../testing/charts.js';
import { anImage, anIndex, byDigest, byTag, Client, type TestImage } from '../testing/content.js';
import { ALL, controlOf } from '../testing/control.js';
import { type ArtifactParts, artifactFields } from './artifact.js';
import { MAX_LISTED_CHILDREN, type RepositoryAddress } from './artifact-reader.js';

let world: CatalogWorld;
let control: CatalogControl;
let project: TestProject;
let client: Client;

beforeAll(async () => {
  world = await createCatalogWorld();
  control = controlOf(world);
});
beforeEach(async () => {
  project = await world.aProject();
  client = clientOf('app');
});
afterAll(() => world.close());

const clientOf = (name: string) => new Client(world.catalog, project, project.repository(name), CI);
const addressOf = (name = 'app'): RepositoryAddress => ({ projectId: project.id, name: project.repository(name) });

const NONE: ArtifactParts = { tags: false, accessories: false, inheritedAccessories: false };
const EVERY: ArtifactParts = { tags: true, accessories: true, inheritedAccessories: true };

const list = (request: ListRequest = ALL, wanted = NONE, includesChildren = false) =>
  control.artifacts.list({ repository: addressOf(), includesChildren }, wanted, request);

const digests = (page: { items: readonly { digest: string }[] }) => page.items.map(({ digest }) => digest);

async function push(tag: string | null, image = anImage(), to = client): Promise<TestImage> {
  await to.push(image, tag === null ? undefined : byTag(tag));
  return image;
}

const filter = (key: keyof typeof artifactFields, value: string): ListRequest => {
  const { column } = artifactFields[key] as { column: string };
  return { ...ALL, where: { sql: `${column} = $1`, params: [value] } };
};

const tagFilter = (kind: 'exact' | 'fuzzy', value: string): ListRequest => {
  const params: string[] = [];
  const sql = artifactFields.tags.filter({ kind, value }, (each) => `$${params.push(each)}`);
  return { ...ALL, where: { sql, params } };
};

describe('the list of a repository', () => {
  it('shows what has a tag or is in no index, and no accessories; the newest first', async () => {
    const [child, tagged] = [await push(null), await push('tagged')];
    const index = await push('index', anIndex([child.descriptor, tagged.descriptor]));
    const loose = await push(null);
    const signature = anImage({ subject: tagged.descriptor });
    await push(null, signature);
    expect(digests(await list())).toEqual([loose.digest, index.digest, tagged.digest]);
    expect(digests(await list(ALL, NONE, true))).toEqual([loose.digest, index.digest, tagged.digest, child.digest]);
  });

  it('is empty for a repository that is not there, or is of another project', async () => {
    await push('v1');
    const elsewhere = await world.aProject();
    for (const repository of [addressOf('none'), { ...addressOf(), projectId: elsewhere.id }]) {
      const page = await control.artifacts.list({ repository, includesChildren: true }, EVERY, ALL);
      expect(page).toEqual({ items: [], total: 0 });
    }
  });

  it('goes by pages and counts all of them', async () => {
    const images = [await push('a'), await push('b'), await push('c')];
    const [oldest, middle, newest] = images.map(({ digest }) => digest);
    const first = await list({ limit: 2, offset: 0 });
    expect([digests(first), first.total]).toEqual([[newest, middle], 3]);
    const second = await list({ limit: 2, offset: 2, orderBy: 'artifact.pushed_at DESC' });
    expect([digests(second), second.total]).toEqual([[oldest], 3]);
  });

  it('finds by tag, by a part of one, with and without', async () => {
    const [one, two] = [await push('v1.0'), await push('V2')];
    await client.put(two, byTag('extra'));
    const bare = await push(null);
    expect(digests(await list(tagFilter('exact', 'V2')))).toEqual([two.digest]);
    expect(digests(await list(tagFilter('exact', 'v2')))).toEqual([]);
    expect(digests(await list(tagFilter('fuzzy', 'v')))).toEqual([one.digest]);
    expect(digests(await list(tagFilter('fuzzy', '1.')))).toEqual([one.digest]);
    expect(digests(await list(tagFilter('exact', '*')))).toEqual([two.digest, one.digest]);
    expect(digests(await list(tagFilter('exact', 'nil')))).toEqual([bare.digest]);
    const bind = (): string => '$1';
    for (const kind of ['range', 'or', 'and'] as const)
      expect(() => artifactFields.tags.filter({ kind }, bind)).toThrow(InvalidListQueryError);
  });

  it('finds by what the artifact is', async () => {
    const image = await push('image');
    const chart = await push('chart', aChart());
    expect(digests(await list(filter('type', 'CHART')))).toEqual([chart.digest]);
    expect(digests(await list(filter('media_type', MediaType.OciConfig)))).toEqual([image.digest]);
    expect(digests(await list(filter('digest', image.digest)))).toEqual([image.digest]);
    expect((await list(filter('manifest_media_type', MediaType.OciManifest))).total).toBe(2);
    expect((await list(filter('repository_name', addressOf().name))).total).toBe(2);
  });

  it('costs the same statements for one artifact and for many', async () => {
    for (let n = 0; n < 6; n++) {
      const image = await push(`v${n}`);
      await push(`i${n}`, anIndex([image.descriptor]));
      await push(null, anImage({ subject: image.descriptor }));
    }
    const count = (limit: number, wanted: ArtifactParts) =>
      world.countQueries(() => list({ limit, offset: 0 }, wanted));
    expect([await count(2, NONE), await count(12, NONE)]).toEqual([3, 3]);
    expect([await count(2, EVERY), await count(12, EVERY)]).toEqual([6, 6]);
  });

  it('leaves out what is very large, which the artifact itself shows', async () => {
    const annotations = Object.fromEntries(Array.from({ length: 3_000 }, (_, n) => [`k${n}`, digestLike(n)]));
    const image = await push('large', anImage({ annotations }));
    const children = Array.from({ length: MAX_LISTED_CHILDREN + 1 }, () => image.descriptor);
    const index = await push('many', anIndex(children));
    const { items } = await list(ALL, NONE);
    expect(items.map((artifact) => [artifact.children.length, artifact.annotations])).toEqual([
      [MAX_LISTED_CHILDREN, {}],
      [0, {}],
    ]);
    expect(await control.artifacts.get(addressOf(), byTag('large'))).toMatchObject({ annotations });
    const whole = await control.artifacts.get(addressOf(), byDigest(index.digest));
    expect(whole.children).toHaveLength(children.length);
  });
});

describe('the list of a project', () => {
  const ofProject = (isLatestOnly: boolean, request: ListRequest = ALL) =>
    control.artifacts.list({ projectId: project.id, isLatestOnly }, NONE, request);

  it('shows the artifacts of all its repositories', async () => {
    const [a, b] = [await push('v1'), await push('v1', anImage(), clientOf('other'))];
    const page = await ofProject(false);
    expect(digests(page)).toEqual([b.digest, a.digest]);
    expect(page.items.map(({ repository }) => repository)).toEqual([addressOf('other').name, addressOf().name]);
    expect((await ofProject(false, filter('repository_name', addressOf().name))).total).toBe(1);
  });

  it('shows the newest of each repository that the condition allows', async () => {
    await push('old');
    const newer = await push('new');
    await push('chart', aChart());
    const other = await push('v1', anImage(), clientOf('other'));
    const page = await ofProject(true, filter('media_type', MediaType.OciConfig));
    expect([digests(page), page.total]).toEqual([[other.digest, newer.digest], 2]);
    const [second] = (await ofProject(true, { ...filter('media_type', MediaType.OciConfig), limit: 1, offset: 1 }))
      .items;
    expect(second?.digest).toBe(newer.digest);
  });
});

describe('one artifact', () => {
  it('is found by tag and by digest, with all its parts', async () => {
    const config = { architecture: 'arm64', os: 'linux', author: 'Ann', config: { Env: ['A=b'] } };
    const image = await push('v1', anImage({ annotations: { note: 'here' } }, config));
    await client.put(image, byTag('v2'));
    const signature = await push(null, anImage({ subject: image.descriptor, artifactType: 'application/x.signature' }));
    for (const reference of [byTag('v1'), byDigest(image.digest)]) {
      const artifact = await control.artifacts.get(addressOf(), reference, EVERY);
      expect(artifact).toMatchObject({
        projectId: project.id,
        repository: addressOf().name,
        digest: image.digest,
        type: 'IMAGE',
        mediaType: MediaType.OciConfig,
        manifestMediaType: MediaType.OciManifest,
        extraAttributes: { architecture: 'arm64', os: 'linux', author: 'Ann', config: { Env: ['A=b'] } },
        annotations: { note: 'here' },
        pulledAt: null,
        children: [],
        inheritedAccessories: [],
      });
      expect(artifact.tags.map(({ name, artifactId }) => [name, artifactId === artifact.id])).toEqual([
        ['v2', true],
        ['v1', true],
      ]);
      expect(artifact.accessories).toMatchObject([
        {
          digest: signature.digest,
          type: 'subject.accessory',
          subjectId: artifact.id,
          subjectDigest: image.digest,
          repository: addressOf().name,
        },
      ]);
      expect(artifact.sizeBytes).toBe(image.manifest.length + image.blobs.reduce((sum, blob) => sum + blob.length, 0));
    }
  });

  it('shows what an index holds, and what is attached to the index', async () => {
    const [arm, amd] = [await push(null), await push(null)];
    const platform = { os: 'windows', architecture: 'amd64', 'os.version': '10.0', 'os.features': ['win32k'] };
    const index = await push(
      'multi',
      anIndex([
        { ...arm.descriptor, platform: { os: 'linux', architecture: 'arm64', variant: 'v8' } },
        { ...amd.descriptor, platform, annotations: { a: 'b' } },
      ]),
    );
    const signature = await push(null, anImage({ subject: index.descriptor }));
    const { children, sizeBytes } = await control.artifacts.get(addressOf(), byTag('multi'));
    const [armOne, amdOne] = await Promise.all(
      [arm, amd].map(({ digest }) => control.artifacts.get(addressOf(), byDigest(digest), EVERY)),
    );
    expect(children).toEqual([
      {
        childId: armOne?.id,
        digest: arm.digest,
        platform: { os: 'linux', architecture: 'arm64', variant: 'v8' },
        annotations: {},
        urls: [],
      },
      { childId: amdOne?.id, digest: amd.digest, platform, annotations: { a: 'b' }, urls: [] },
    ]);
    expect(sizeBytes).toBe(index.manifest.length + (armOne?.sizeBytes ?? 0) + (amdOne?.sizeBytes ?? 0));
    expect(armOne?.accessories).toEqual([]);
    expect(armOne?.inheritedAccessories).toMatchObject([{ digest: signature.digest, subjectDigest: index.digest }]);
  });

  it('is not found under another name, nor in another project', async () => {
    const image = await push('v1');
    const elsewhere = await world.aProject();
    const wrong = [
      [addressOf(), byTag('v2')],
      [addressOf('other'), byTag('v1')],
      [{ ...addressOf(), projectId: elsewhere.id }, byDigest(image.digest)],
    ] as const;
    for (const [repository, reference] of wrong)
      await expect(control.artifacts.get(repository, reference)).rejects.toThrow(ManifestUnknownError);
  });

  it('lists its accessories by pages', async () => {
    const image = await push('v1');
    const accessories: TestImage[] = [];
    for (let n = 0; n < 3; n++) accessories.push(await push(null, anImage({ subject: image.descriptor })));
    const page = await control.artifacts.listAccessories(addressOf(), byTag('v1'), { limit: 2, offset: 1 });
    expect([digests(page), page.total]).toEqual([[accessories[1]?.digest, accessories[2]?.digest], 3]);
    const where = { sql: 'accessory.digest = $1', params: [accessories[0]?.digest ?? ''] };
    expect((await control.artifacts.listAccessories(addressOf(), byTag('v1'), { ...ALL, where })).total).toBe(1);
    await expect(control.artifacts.listAccessories(addressOf(), byTag('none'), ALL)).rejects.toThrow(
      ManifestUnknownError,
    );
  });
});

describe('a deletion', () => {
  it('by a tag takes the artifact with all its tags, its accessories and children that nothing else names', async () => {
    const child = await push(null);
    const index = await push('v1', anIndex([child.descriptor]));
    await client.put(index, byTag('v2'));
    const signature = await push(null, anImage({ subject: index.descriptor }));
    await control.artifacts.delete(addressOf(), byTag('v1'), CARLA);
    for (const { digest } of [index, child, signature]) expect(await client.digestOf(byDigest(digest))).toBeNull();
    expect(await client.digestOf(byTag('v2'))).toBeNull();
    expect((await list()).total).toBe(0);
    const told = (await world.told('events.catalog.artifact-deleted.v1')).filter(
      (event) => event['repository'] === client.repository,
    );
    expect(told.map(({ digest, tags, by }) => [digest, tags, by])).toEqual([
      [child.digest, [], 'carla'],
      [index.digest, ['v1', 'v2'], 'carla'],
      [signature.digest, [], 'carla'],
    ]);
    // The repository stays, empty.
    expect(await control.repositories.get(project.id, client.repository)).toMatchObject({ artifactCount: 0 });
  });

  it('is refused while an index holds the artifact', async () => {
    const child = await push('child');
    const index = await push('index', anIndex([child.descriptor]));
    const deletion = control.artifacts.delete(addressOf(), byTag('child'), CARLA);
    await expect(deletion).rejects.toThrow(ArtifactReferencedError);
    await control.artifacts.delete(addressOf(), byDigest(index.digest), CARLA);
    expect(await client.digestOf(byTag('child'))).toBe(child.digest);
  });

  it('is of an artifact that is there', async () => {
    const image = await push('v1');
    const elsewhere = await world.aProject();
    for (const repository of [addressOf('none'), { ...addressOf(), projectId: elsewhere.id }])
      await expect(control.artifacts.delete(repository, byDigest(image.digest), CARLA)).rejects.toThrow(
        ManifestUnknownError,
      );
    await expect(control.artifacts.delete(addressOf(), byTag('v2'), CARLA)).rejects.toThrow(ManifestUnknownError);
    expect(await client.digestOf(byTag('v1'))).toBe(image.digest);
  });
});

const digestLike = (n: number): string => n.toString(36).padEnd(40, `${n}`);
