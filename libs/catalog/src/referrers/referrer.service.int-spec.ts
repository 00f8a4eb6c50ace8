import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type Digest, fallbackTag, MediaType, RepositoryName } from '@breakwater/oci';
import { type CatalogWorld, CI, createCatalogWorld, type TestProject } from '../testing/catalog-world.js';
import {
  anImage,
  anIndex,
  aReferrer,
  byDigest,
  byTag,
  Client,
  descriptorOf,
  digestOf,
  manifestOf,
  someBytes,
  type TestImage,
} from '../testing/content.js';

describe('ReferrerService', () => {
  let world: CatalogWorld;
  let project: TestProject;
  let client: Client;
  let subject: TestImage;

  beforeAll(async () => {
    world = await createCatalogWorld();
  });
  beforeEach(async () => {
    project = await world.aProject();
    client = new Client(world.catalog, project, project.repository(), CI);
    subject = anImage();
  });
  afterAll(() => world.close());

  const list = (of: Digest = subject.digest, type: string | null = null) =>
    world.catalog.referrers.list(client.repository, of, type);

  async function accessory({ digest }: TestImage): Promise<Record<string, unknown>> {
    const sql = 'SELECT subject_digest, subject_origin, accessory_type FROM artifact WHERE digest = $1';
    const [row = {}] = await world.database.rows<Record<string, unknown>>(sql, [digest]);
    return row;
  }

  it('is empty for a subject, and for a repository, that nobody knows', async () => {
    expect(await list()).toEqual([]);
    expect(await world.catalog.referrers.list(RepositoryName.parse('no/where'), subject.digest, null)).toEqual([]);
  });

  it('lists what names its subject, with exactly its annotations, in the order of the pushes', async () => {
    const annotations = { 'org.example.b': '2', 'org.example.a': '1' };
    const [first, second] = [aReferrer(subject.descriptor, { annotations }), aReferrer(subject.descriptor)];
    await client.push(subject);
    expect((await client.push(first)).subject).toBe(subject.digest);
    await client.push(second, byTag('report'));
    const common = { mediaType: MediaType.OciManifest, artifactType: 'application/vnd.example.report' };
    expect(await list()).toEqual([
      { ...common, digest: first.digest, sizeBytes: first.manifest.byteLength, annotations },
      { ...common, digest: second.digest, sizeBytes: second.manifest.byteLength, annotations: {} },
    ]);
  });

  it('lists referrers of a subject that never came, and forgets those that are deleted', async () => {
    const referrer = aReferrer(subject.descriptor);
    await client.push(referrer);
    expect(await list()).toMatchObject([{ digest: referrer.digest }]);
    await client.delete(byDigest(referrer.digest));
    expect(await list()).toEqual([]);
  });

  it('says the type of the manifest, else of its config; of an index only its own', async () => {
    const plain = anImage({ subject: subject.descriptor });
    const index = anIndex([], { subject: subject.descriptor });
    const typed = anIndex([], { subject: subject.descriptor, artifactType: 'application/vnd.example.list' });
    for (const referrer of [plain, index, typed]) await client.push(referrer);
    expect((await list()).map((referrer) => referrer.artifactType)).toEqual([
      MediaType.OciConfig,
      null,
      'application/vnd.example.list',
    ]);
  });

  it('filters by type', async () => {
    const [report, other] = [
      aReferrer(subject.descriptor),
      aReferrer(subject.descriptor, { artifactType: 'text/other' }),
    ];
    await client.push(report);
    await client.push(other);
    expect(await list(subject.digest, 'text/other')).toMatchObject([{ digest: other.digest }]);
    expect(await list(subject.digest, 'text/none')).toEqual([]);
  });

  it('sees only the own repository', async () => {
    await new Client(world.catalog, project, project.repository('other'), CI).push(aReferrer(subject.descriptor));
    expect(await list()).toEqual([]);
  });

  describe('with what old clients leave', () => {
    it('lists the signature that cosign hangs on a tag, though it has no subject', async () => {
      const signature = cosignSignature();
      const tag = `sha256-${subject.digest.slice('sha256:'.length)}.sig`;
      expect((await client.push(signature, byTag(tag))).subject).toBeNull();
      expect(await list()).toMatchObject([{ digest: signature.digest, artifactType: MediaType.OciConfig }]);
      expect(await accessory(signature)).toEqual({
        subject_digest: subject.digest,
        subject_origin: 'cosign-tag',
        accessory_type: 'signature.cosign',
      });
    });

    it('attaches what was pushed by digest first and tagged later', async () => {
      const signature = cosignSignature();
      await client.push(signature);
      expect(await list()).toEqual([]);
      await client.put(signature, byTag(`sha256-${subject.digest.slice('sha256:'.length)}.sig`));
      expect(await list()).toMatchObject([{ digest: signature.digest }]);
    });

    it.each(['sha256', 'sha512'] as const)('lists what stands under the fallback tag of a %s', async (algorithm) => {
      const of = digestOf(subject.manifest, algorithm);
      const [known, bare] = [aReferrer({ ...subject.descriptor, digest: of }), anImage()];
      await client.push(known);
      await client.push(bare);
      const annotations = { from: 'an old client' };
      const entry = { ...bare.descriptor, artifactType: 'application/vnd.old', annotations };
      const index = anIndex([known.descriptor, entry]);
      await client.put(index, { kind: 'tag', tag: fallbackTag(of) });
      // The index itself is no referrer, and what says for itself what it is attached to is not listed twice.
      expect(await list(of)).toEqual([
        expect.objectContaining({ digest: known.digest, artifactType: 'application/vnd.example.report' }),
        {
          mediaType: bare.mediaType,
          digest: bare.digest,
          sizeBytes: bare.manifest.byteLength,
          artifactType: 'application/vnd.old',
          annotations,
        },
      ]);
    });

    it('shows such an index as an accessory', async () => {
      const index = anIndex([]);
      await client.put(index, { kind: 'tag', tag: fallbackTag(subject.digest) });
      expect(await accessory(index)).toEqual({
        subject_digest: subject.digest,
        subject_origin: 'fallback-tag',
        accessory_type: 'subject.accessory',
      });
    });

    it('is not confused by an image under a fallback tag', async () => {
      await client.push(anImage(), { kind: 'tag', tag: fallbackTag(subject.digest) });
      expect(await list()).toEqual([]);
    });
  });

  it('knows what kind of accessory each is', async () => {
    const types: [string, string][] = [
      ['application/vnd.cncf.notary.signature', 'signature.notation'],
      ['application/vnd.dev.sigstore.bundle.v0.3+json', 'signature.cosign'],
      ['application/vnd.goharbor.harbor.sbom.v1', 'sbom.harbor'],
      ['application/vnd.example.report', 'subject.accessory'],
    ];
    for (const [artifactType, accessory_type] of types) {
      const referrer = aReferrer(subject.descriptor, { artifactType });
      await client.push(referrer);
      expect(await accessory(referrer)).toMatchObject({ accessory_type, subject_origin: 'manifest' });
    }
  });

  it('tells with the push what the artifact is attached to', async () => {
    const referrer = aReferrer(subject.descriptor);
    await client.push(referrer);
    const told = await world.told('events.catalog.artifact-pushed.v1');
    expect(told.find((event) => event['digest'] === referrer.digest)).toMatchObject({ subjectDigest: subject.digest });
  });
});

function cosignSignature(): TestImage {
  const [config, payload] = [Buffer.from('{"architecture":""}'), someBytes(50)];
  return manifestOf(MediaType.OciManifest, [config, payload], {
    schemaVersion: 2,
    mediaType: MediaType.OciManifest,
    config: descriptorOf(config, MediaType.OciConfig),
    layers: [
      descriptorOf(payload, MediaType.CosignSimpleSigning, {
        annotations: { 'dev.cosignproject.cosign/signature': 'MEUC' },
      }),
    ],
  });
}
