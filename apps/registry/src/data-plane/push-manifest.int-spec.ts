import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  CONFIG,
  digestOf,
  HttpClient,
  LAYER,
  manifestOf,
  OCI_INDEX,
  OCI_MANIFEST,
  type Answer,
} from '../testing/http-client.js';
import { RegistryHarness, ROLE } from '../testing/registry-harness.js';

let harness: RegistryHarness;
let client: HttpClient;
const repository = 'team/app';

beforeAll(async () => {
  harness = await RegistryHarness.create();
  const project = await harness.project('team');
  const sparse = await harness.project('sparse', { metadata: { sparse_content: 'true' } });
  const user = await harness.user({ [project.id]: ROLE.admin, [sparse.id]: ROLE.admin });
  client = new HttpClient(await harness.start(), user.basic);
  for (const name of [repository, 'sparse/app']) {
    await client.pushBlob(name, CONFIG);
    await client.pushBlob(name, LAYER);
  }
});
afterAll(async () => {
  client.close();
  await harness.close();
});

function put(reference: string, manifest: string, type = OCI_MANIFEST, where = repository): Promise<Answer> {
  return client.put(`/v2/${where}/manifests/${reference}`, { body: manifest, headers: { 'Content-Type': type } });
}

function codeOf(answer: Answer): string | undefined {
  return answer.json<{ errors: { code: string }[] }>().errors[0]?.code;
}

let serial = 0;
const another = (more: object = {}): string => manifestOf({ annotations: { serial: String(++serial) }, ...more });

describe('PUT of a manifest', () => {
  it('201 with a Location that can be pulled and the digest that docker insists on', async () => {
    const manifest = another();
    const answer = await put('v1', manifest);
    expect(answer.status).toBe(201);
    expect(answer.headers['docker-content-digest']).toBe(digestOf(manifest));
    expect(answer.headers.location).toBe(`/v2/${repository}/manifests/${digestOf(manifest)}`);
    expect(answer.headers['oci-subject']).toBeUndefined();
    expect((await client.get(answer.headers.location ?? '')).text).toBe(manifest);
  });

  it('takes one in chunks and without a length', async () => {
    const manifest = another();
    const answer = await client.put(`/v2/${repository}/manifests/chunked`, {
      body: manifest,
      isChunked: true,
      headers: { 'Content-Type': OCI_MANIFEST },
    });
    expect(answer.status).toBe(201);
  });

  it('takes one of almost 4 MiB, keeps every byte, and refuses one of more with 413', async () => {
    const annotations = Object.fromEntries(
      Array.from({ length: 390 }, (_, index) => [`key${index}`, 'x'.repeat(10_000)]),
    );
    const large = manifestOf({ annotations });
    expect((await put('large', large)).status).toBe(201);
    expect((await client.get(`/v2/${repository}/manifests/large`)).text === large).toBe(true);
    const tooLarge = manifestOf({ annotations: { ...annotations, more: 'x'.repeat(400_000) } });
    const answer = await put('too-large', tooLarge);
    expect([answer.status, codeOf(answer)]).toEqual([413, 'SIZE_INVALID']);
    const chunked = await client.put(`/v2/${repository}/manifests/x`, { body: tooLarge, isChunked: true });
    expect(chunked.status).toBe(413);
  });

  it('ignores parameters of the Content-Type and never gives any back', async () => {
    await put('typed', another(), `${OCI_MANIFEST}; charset=utf-8`);
    expect((await client.head(`/v2/${repository}/manifests/typed`)).headers['content-type']).toBe(OCI_MANIFEST);
  });

  it('400 for sha256:baddigeststring, not 404 and not 500', async () => {
    const answer = await put('sha256:baddigeststring', another());
    expect([answer.status, codeOf(answer)]).toEqual([400, 'DIGEST_INVALID']);
  });

  it('400 for a tag that is none', async () => {
    const answer = await put('.tag', another());
    expect([answer.status, codeOf(answer)]).toEqual([400, 'TAG_INVALID']);
  });

  it('400 when the bytes are not those of the digest', async () => {
    const manifest = another();
    const answer = await put(digestOf(manifest), `${manifest}  `);
    expect([answer.status, codeOf(answer)]).toEqual([400, 'DIGEST_INVALID']);
  });

  it('takes a sha512 digest and answers with it, for the tag as well', async () => {
    const manifest = another();
    const digest = digestOf(manifest, 'sha512');
    const answer = await put(`${digest}?tag=by512`, manifest);
    expect([answer.status, answer.headers['docker-content-digest']]).toEqual([201, digest]);
    for (const reference of [digest, 'by512'])
      expect((await client.head(`/v2/${repository}/manifests/${reference}`)).headers['docker-content-digest']).toBe(
        digest,
      );
  });

  it.each([
    ['no JSON', 'nonsense', OCI_MANIFEST],
    ['nothing', '', OCI_MANIFEST],
    ['image and index at once', manifestOf({ manifests: [] }), OCI_MANIFEST],
    ['one type outside, another inside', manifestOf(), OCI_INDEX],
    ['schema 1', '{"schemaVersion":1}', 'application/vnd.docker.distribution.manifest.v1+prettyjws'],
  ])('400 MANIFEST_INVALID for %s', async (_, manifest, type) => {
    const answer = await put('invalid', manifest, type);
    expect([answer.status, codeOf(answer)]).toEqual([400, 'MANIFEST_INVALID']);
  });

  it('400 MANIFEST_BLOB_UNKNOWN, naming what is missing', async () => {
    const missing = `sha256:${'1'.repeat(64)}`;
    const layers = [{ mediaType: 'application/vnd.oci.image.layer.v1.tar', digest: missing, size: 1 }];
    const answer = await put('missing', another({ layers }));
    expect([answer.status, codeOf(answer)]).toEqual([400, 'MANIFEST_BLOB_UNKNOWN']);
    expect(answer.text).toContain(missing);
  });

  it('201 for the same where the project allows gaps', async () => {
    const layers = [
      { mediaType: 'application/vnd.oci.image.layer.v1.tar', digest: `sha256:${'1'.repeat(64)}`, size: 1 },
    ];
    expect((await put('gaps', another({ layers }), OCI_MANIFEST, 'sparse/app')).status).toBe(201);
  });
});

describe('tag parameters', () => {
  it('tag a push by digest with all of them at once and tell so', async () => {
    const manifest = another();
    const answer = await put(
      `${digestOf(manifest)}?${Array.from({ length: 12 }, (_, n) => `tag=t${n}`).join('&')}`,
      manifest,
    );
    expect(answer.status).toBe(201);
    const told = answer.rawHeaders.flatMap((name, index) =>
      /^oci-tag$/i.test(name) ? [answer.rawHeaders[index + 1]] : [],
    );
    expect(told.sort()).toEqual(Array.from({ length: 12 }, (_, n) => `t${n}`).sort());
    for (const tag of ['t0', 't11'])
      expect((await client.head(`/v2/${repository}/manifests/${tag}`)).headers['docker-content-digest']).toBe(
        digestOf(manifest),
      );
  });

  it('414 for more than a hundred, 400 for one that is no tag', async () => {
    const manifest = another();
    const query = Array.from({ length: 101 }, (_, n) => `tag=t${n}`).join('&');
    expect((await put(`${digestOf(manifest)}?${query}`, manifest)).status).toBe(414);
    const answer = await put(`${digestOf(manifest)}?tag=.x`, manifest);
    expect([answer.status, codeOf(answer)]).toEqual([400, 'TAG_INVALID']);
  });
});

describe('referrers', () => {
  const subject = { mediaType: OCI_MANIFEST, digest: `sha256:${'2'.repeat(64)}`, size: 7 };
  const path = `/v2/${repository}/referrers/${subject.digest}`;
  const listed = (answer: Answer): { digest: string; artifactType?: string; annotations?: object }[] =>
    answer.json<{ manifests: { digest: string }[] }>().manifests;

  it('200 with an empty index for what nobody knows, of exactly this type', async () => {
    for (const where of [path, `/v2/team/never-pushed/referrers/${subject.digest}`]) {
      const answer = await client.get(where);
      expect([answer.status, answer.headers['content-type']]).toEqual([200, OCI_INDEX]);
      expect(answer.json()).toEqual({ schemaVersion: 2, mediaType: OCI_INDEX, manifests: [] });
    }
  });

  it('are accepted before their subject, which OCI-Subject tells, by tag and by digest', async () => {
    const first = another({ subject, artifactType: 'application/x.sbom' });
    const second = another({ subject });
    expect((await put('sbom', first)).headers['oci-subject']).toBe(subject.digest);
    expect((await put(digestOf(second), second)).headers['oci-subject']).toBe(subject.digest);
    const all = listed(await client.get(path));
    expect(all.map((each) => [each.digest, each.artifactType])).toEqual([
      [digestOf(first), 'application/x.sbom'],
      [digestOf(second), 'application/vnd.oci.image.config.v1+json'],
    ]);
    expect(Object.keys(all[0]?.annotations ?? {})).toEqual(['serial']);
  });

  it('are filtered by artifactType, which OCI-Filters-Applied tells', async () => {
    const answer = await client.get(`${path}?artifactType=${encodeURIComponent('application/x.sbom')}`);
    expect(answer.headers['oci-filters-applied']).toBe('artifactType');
    expect(listed(answer).map((each) => each.artifactType)).toEqual(['application/x.sbom']);
  });

  it('go on in pages where asked for fewer, the filter kept', async () => {
    const first = await client.get(`${path}?n=1`);
    expect(listed(first)).toHaveLength(1);
    const next = /<([^>]+)>; rel="next"/.exec(first.headers.link as string)?.[1] ?? '';
    const second = await client.get(next);
    expect(listed(second)).toHaveLength(1);
    expect(second.headers.link).toBeUndefined();
    expect(listed(second)[0]?.digest).not.toBe(listed(first)[0]?.digest);
  });

  it('400 for a digest that is none', async () => {
    const answer = await client.get(`/v2/${repository}/referrers/sha256:x`);
    expect([answer.status, codeOf(answer)]).toEqual([400, 'DIGEST_INVALID']);
  });
});

describe('DELETE of a manifest', () => {
  it('by tag takes only the tag', async () => {
    const manifest = another();
    await put('gone', manifest);
    await put('stays', manifest);
    expect((await client.delete(`/v2/${repository}/manifests/gone`)).status).toBe(202);
    expect((await client.head(`/v2/${repository}/manifests/gone`)).status).toBe(404);
    expect((await client.head(`/v2/${repository}/manifests/stays`)).status).toBe(200);
    expect((await client.head(`/v2/${repository}/manifests/${digestOf(manifest)}`)).status).toBe(200);
  });

  it('by digest takes every tag with it', async () => {
    const manifest = another();
    await put('all1', manifest);
    await put('all2', manifest);
    expect((await client.delete(`/v2/${repository}/manifests/${digestOf(manifest)}`)).status).toBe(202);
    for (const reference of ['all1', 'all2', digestOf(manifest)])
      expect((await client.head(`/v2/${repository}/manifests/${reference}`)).status).toBe(404);
  });

  it('404 for what is not there, in a repository or without one', async () => {
    for (const where of [repository, 'team/never-pushed']) {
      const answer = await client.delete(`/v2/${where}/manifests/nope`);
      expect([answer.status, codeOf(answer)]).toEqual([404, 'MANIFEST_UNKNOWN']);
    }
  });
});
