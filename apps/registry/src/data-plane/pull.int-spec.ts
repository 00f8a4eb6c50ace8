import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { digestOf, HttpClient, LAYER, manifestOf, OCI_MANIFEST } from '../testing/http-client.js';
import { RegistryHarness, ROLE, type TestProject } from '../testing/registry-harness.js';

let harness: RegistryHarness;
let client: HttpClient;
let project: TestProject;
const repository = 'team/tools/app';
const manifest = manifestOf({ annotations: { spaces: '  kept  ' } });
const digest = digestOf(manifest);
const layer = digestOf(LAYER);
const unknown = `sha256:${'0'.repeat(64)}`;

beforeAll(async () => {
  harness = await RegistryHarness.create();
  project = await harness.project('team');
  const user = await harness.user({ [project.id]: ROLE.admin });
  client = new HttpClient(await harness.start(), user.basic);
  await client.pushArtifact(repository, 'v1', manifest);
});
afterAll(async () => {
  client.close();
  await harness.close();
});

describe('GET and HEAD of a manifest', () => {
  it.each(['v1', digest])(
    'gives the bytes as they were pushed, and every header that clients look at: %s',
    async (reference) => {
      const answer = await client.get(`/v2/${repository}/manifests/${reference}`);
      expect(answer.status).toBe(200);
      expect(answer.text).toBe(manifest);
      expect(answer.headers).toMatchObject({
        'content-type': OCI_MANIFEST,
        'content-length': String(manifest.length),
        'docker-content-digest': digest,
        'docker-distribution-api-version': 'registry/2.0',
        etag: `"${digest}"`,
      });
      expect(answer.headers['x-request-id']).toBeDefined();
    },
  );

  it.each(['v1', digest])('HEAD is the same without the body: %s', async (reference) => {
    const path = `/v2/${repository}/manifests/${reference}`;
    const [get, head] = [await client.get(path), await client.head(path)];
    expect(head.status).toBe(200);
    expect(head.body).toHaveLength(0);
    expect(comparable(head.rawHeaders)).toEqual(comparable(get.rawHeaders));
  });

  it('answers If-None-Match with 304, quoted or not, and with the digest', async () => {
    for (const match of [`"${digest}"`, digest, `"x", W/"${digest}"`]) {
      const answer = await client.get(`/v2/${repository}/manifests/v1`, { 'If-None-Match': match });
      expect([answer.status, answer.text, answer.headers['docker-content-digest']]).toEqual([304, '', digest]);
    }
    expect((await client.get(`/v2/${repository}/manifests/v1`, { 'If-None-Match': '"x"' })).status).toBe(200);
  });

  it('lets caches keep a digest for ever and a tag not at all, and nobody share what is private', async () => {
    const byDigest = await client.head(`/v2/${repository}/manifests/${digest}`);
    const byTag = await client.head(`/v2/${repository}/manifests/v1`);
    expect(byDigest.headers['cache-control']).toBe('private, max-age=31536000, immutable');
    expect(byTag.headers['cache-control']).toBe('no-cache');
  });

  it('never compresses, whatever the client would accept: HEAD must tell the length', async () => {
    const answer = await client.get(`/v2/${repository}/manifests/v1`, { 'Accept-Encoding': 'zstd, gzip' });
    expect(answer.headers['content-encoding']).toBeUndefined();
    expect(answer.headers['content-length']).toBe(String(manifest.length));
  });

  it('serves what is stored, whatever Accept says', async () => {
    for (const accept of ['application/vnd.docker.distribution.manifest.v2+json', 'text/html', '*/*;q=0.1'])
      expect((await client.get(`/v2/${repository}/manifests/v1`, { Accept: accept })).headers['content-type']).toBe(
        OCI_MANIFEST,
      );
  });

  it.each([
    ['an unknown tag', 'nope'],
    ['an unknown digest', unknown],
    ['what cannot be a tag', '.INVALID_MANIFEST_NAME'],
    ['what cannot be a digest', 'sha256:totallywrong'],
  ])('404 MANIFEST_UNKNOWN for %s', async (_, reference) => {
    const answer = await client.get(`/v2/${repository}/manifests/${reference}`);
    expect([answer.status, codeOf(answer.text)]).toEqual([404, 'MANIFEST_UNKNOWN']);
    expect(answer.headers['content-type']).toBe('application/json');
  });

  it('tells a HEAD of what is not there by status alone', async () => {
    const answer = await client.head(`/v2/${repository}/manifests/nope`);
    expect([answer.status, answer.body.length]).toEqual([404, 0]);
  });
});

describe('GET and HEAD of a blob', () => {
  const path = `/v2/${repository}/blobs/${layer}`;

  it('gives the bytes with length, digest, type and that ranges are served', async () => {
    const answer = await client.get(path);
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual(LAYER);
    expect(answer.headers).toMatchObject({
      'content-type': 'application/octet-stream',
      'content-length': String(LAYER.length),
      'docker-content-digest': layer,
      'accept-ranges': 'bytes',
      etag: `"${layer}"`,
    });
  });

  it('HEAD tells the same', async () => {
    const [get, head] = [await client.get(path), await client.head(path)];
    expect([head.status, head.body.length]).toEqual([200, 0]);
    expect(comparable(head.rawHeaders)).toEqual(comparable(get.rawHeaders));
  });

  it.each([
    ['bytes=2-6', 'bytes 2-6/20', LAYER.subarray(2, 7)],
    ['bytes=15-', 'bytes 15-19/20', LAYER.subarray(15)],
    ['bytes=-5', 'bytes 15-19/20', LAYER.subarray(15)],
    ['bytes=15-5000', 'bytes 15-19/20', LAYER.subarray(15)],
  ])('serves the range %s', async (range, contentRange, expected) => {
    const answer = await client.get(path, { Range: range });
    expect(answer.status).toBe(206);
    expect(answer.headers['content-range']).toBe(contentRange);
    expect(answer.headers['content-length']).toBe(String(expected.length));
    expect(answer.body).toEqual(expected);
  });

  it.each(['bytes=500-0', 'bytes=20-', 'bytes=5000-10000', 'bytes=-0'])(
    '416 for %s, with the length of the refusal and not that of the blob',
    async (range) => {
      const answer = await client.get(path, { Range: range });
      expect(answer.status).toBe(416);
      expect(answer.headers['content-range']).toBe('bytes */20');
      expect(answer.headers['content-length']).toBe(String(answer.body.length));
      expect(codeOf(answer.text)).toBe('SIZE_INVALID');
    },
  );

  it('HEAD knows no ranges', async () => {
    const answer = await client.head(path, { Range: 'bytes=2-6' });
    expect([answer.status, answer.headers['content-length']]).toEqual([200, '20']);
    expect((await client.head(path, { Range: 'bytes=500-0' })).status).toBe(200);
  });

  it('sends all of it for several ranges and other units', async () => {
    for (const range of ['bytes=0-1,5-6', 'lines=1-2'])
      expect((await client.get(path, { Range: range })).status).toBe(200);
  });

  it('honours If-Range', async () => {
    expect((await client.get(path, { Range: 'bytes=0-1', 'If-Range': `"${layer}"` })).status).toBe(206);
    expect((await client.get(path, { Range: 'bytes=0-1', 'If-Range': '"other"' })).status).toBe(200);
  });

  it('404 BLOB_UNKNOWN for a blob that the repository does not hold, although another one does', async () => {
    const answer = await client.get(`/v2/team/other/blobs/${layer}`);
    expect([answer.status, codeOf(answer.text)]).toEqual([404, 'BLOB_UNKNOWN']);
  });

  it.each(['sha256:short', `sha256:${'A'.repeat(64)}`, `md5:${'a'.repeat(32)}`])(
    '400 DIGEST_INVALID for %s',
    async (text) => {
      const answer = await client.get(`/v2/${repository}/blobs/${text}`);
      expect([answer.status, codeOf(answer.text)]).toEqual([400, 'DIGEST_INVALID']);
    },
  );

  it('answers If-None-Match with 304', async () => {
    expect((await client.get(path, { 'If-None-Match': `"${layer}"` })).status).toBe(304);
  });
});

describe('a public project', () => {
  it('lets shared caches keep what a digest names', async () => {
    const open = await harness.project('open', { isPublic: true });
    const user = await harness.user({ [open.id]: ROLE.developer });
    const pusher = new HttpClient(client.port, user.basic);
    const pushed = await pusher.pushArtifact('open/app', 'v1');
    expect((await pusher.head(`/v2/open/app/manifests/${pushed}`)).headers['cache-control']).toMatch(/^public, /);
    expect((await pusher.head(`/v2/open/app/blobs/${layer}`)).headers['cache-control']).toMatch(/^public, /);
    pusher.close();
  });
});

describe('pulls', () => {
  it('are counted for GET of a manifest and never for HEAD, and are written when the process ends', async () => {
    const instance = await harness.startInstance();
    const user = await harness.user({ [project.id]: ROLE.developer });
    const other = new HttpClient(instance.port, user.basic);
    await other.pushArtifact('team/counted', 'v1');
    await other.head('/v2/team/counted/manifests/v1');
    await other.get('/v2/team/counted/manifests/v1');
    await other.get(`/v2/team/counted/manifests/${digestOf(manifestOf())}`);
    other.close();
    await instance.stop();
    const rows = await harness.database.rows(`SELECT pull_count FROM repository WHERE name = 'team/counted'`);
    expect(rows).toEqual([{ pull_count: '2' }]);
  });
});

function codeOf(text: string): string | undefined {
  return (JSON.parse(text) as { errors: { code: string }[] }).errors[0]?.code;
}

/** All that an answer says but when and under which id it was said. */
function comparable(rawHeaders: readonly string[]): string[] {
  return rawHeaders
    .flatMap((name, index) => (index % 2 === 0 ? [`${name.toLowerCase()}: ${rawHeaders[index + 1]}`] : []))
    .filter((line) => !/^(date|x-request-id):/.test(line))
    .sort();
}
