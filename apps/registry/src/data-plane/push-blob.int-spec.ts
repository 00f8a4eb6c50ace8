import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { digestOf, HttpClient, type Answer } from '../testing/http-client.js';
import { RegistryHarness, ROLE, type TestProject } from '../testing/registry-harness.js';

let harness: RegistryHarness;
let project: TestProject;
let client: HttpClient;
const repository = 'team/app';
const uploads = `/v2/${repository}/blobs/uploads/`;
const content = Buffer.from('0123456789'.repeat(100));
const digest = digestOf(content);

beforeAll(async () => {
  harness = await RegistryHarness.create();
  project = await harness.project('team');
  const user = await harness.user({ [project.id]: ROLE.admin });
  client = new HttpClient(await harness.start(), user.basic);
});
afterAll(async () => {
  client.close();
  await harness.close();
});

/** A session of its own. @returns its path. */
async function session(): Promise<string> {
  const answer = await client.post(uploads);
  expect(answer.status).toBe(202);
  return location(answer);
}

function location(answer: Answer): string {
  const path = answer.headers.location ?? '';
  // containerd takes only a URL or exactly one leading slash; relative cannot be wrong behind a proxy.
  expect(path).toMatch(/^\/v2\/[^/]/);
  return path;
}

function codeOf(answer: Answer): string | undefined {
  return answer.json<{ errors: { code: string }[] }>().errors[0]?.code;
}

async function expectStored(
  bytes: Buffer,
  where = repository,
  algorithm: 'sha256' | 'sha512' = 'sha256',
): Promise<void> {
  const answer = await client.get(`/v2/${where}/blobs/${digestOf(bytes, algorithm)}`);
  expect([answer.status, answer.body.equals(bytes)]).toEqual([200, true]);
  expect(answer.headers['docker-content-digest']).toBe(digestOf(bytes, algorithm));
}

function unique(text: string): Buffer {
  return Buffer.from(`${text} ${Math.random()}`);
}

describe('POST …/blobs/uploads/', () => {
  it('opens a session: path-absolute Location, Range 0-0 and never 0--1, its id', async () => {
    const answer = await client.post(uploads);
    const path = location(answer);
    expect(answer.headers.range).toBe('0-0');
    expect(path).toBe(`${uploads}${String(answer.headers['docker-upload-uuid'])}`);
    expect(answer.headers['content-length']).toBe('0');
  });

  it('opens one whatever Content-Type comes, and without the last slash', async () => {
    for (const type of ['application/json', 'text/plain', ''])
      expect((await client.post(uploads, { headers: { 'Content-Type': type } })).status).toBe(202);
    expect((await client.post(uploads.slice(0, -1))).status).toBe(202);
  });

  it('takes the whole blob with ?digest=, whatever its Content-Type', async () => {
    const bytes = unique('whole');
    const answer = await client.post(`${uploads}?digest=${digestOf(bytes)}`, {
      body: bytes,
      headers: { 'Content-Type': 'application/json' },
    });
    expect(answer.status).toBe(201);
    expect(answer.headers['docker-content-digest']).toBe(digestOf(bytes));
    expect(location(answer)).toBe(`/v2/${repository}/blobs/${digestOf(bytes)}`);
    await expectStored(bytes);
  });

  it('refuses a whole blob that is not what the digest says, and keeps nothing', async () => {
    const answer = await client.post(`${uploads}?digest=${digestOf('something else')}`, { body: unique('bad') });
    expect([answer.status, codeOf(answer)]).toEqual([400, 'DIGEST_INVALID']);
    const left = await harness.database.rows('SELECT id FROM upload WHERE received_bytes > 0');
    expect(left).toEqual([]);
  });

  it('400 for a digest that is none', async () => {
    const answer = await client.post(`${uploads}?digest=sha256:nonsense`, { body: 'x' });
    expect([answer.status, codeOf(answer)]).toEqual([400, 'DIGEST_INVALID']);
  });

  it('takes digest-algorithm=sha512 and refuses one that it cannot compute', async () => {
    expect((await client.post(`${uploads}?digest-algorithm=sha512`)).status).toBe(202);
    const answer = await client.post(`${uploads}?digest-algorithm=blake3`);
    expect([answer.status, codeOf(answer)]).toEqual([400, 'UNSUPPORTED']);
  });
});

describe('the ways to fill a session', () => {
  it('POST, PUT with all of it', async () => {
    const bytes = unique('put');
    const answer = await client.put(`${await session()}?digest=${digestOf(bytes)}`, { body: bytes });
    expect(answer.status).toBe(201);
    expect(location(answer)).toBe(`/v2/${repository}/blobs/${digestOf(bytes)}`);
    await expectStored(bytes);
  });

  it('POST, one PATCH in chunks of HTTP without length or range, PUT without a body: docker', async () => {
    const bytes = unique('stream');
    const patched = await client.patch(await session(), { body: bytes, isChunked: true });
    expect([patched.status, patched.headers.range]).toEqual([202, `0-${bytes.length - 1}`]);
    const answer = await client.put(`${location(patched)}?digest=${digestOf(bytes)}`);
    expect(answer.status).toBe(201);
    await expectStored(bytes);
  });

  it('POST, PATCHes with Content-Range, in the dialect with a unit as well, last one in the PUT', async () => {
    const path = await session();
    const first = await client.patch(path, { body: content.subarray(0, 400), headers: { 'Content-Range': '0-399' } });
    expect([first.status, first.headers.range]).toEqual([202, '0-399']);
    const headers = { 'Content-Range': 'bytes 400-799/*' };
    expect((await client.patch(path, { body: content.subarray(400, 800), headers })).headers.range).toBe('0-799');
    const answer = await client.put(`${path}?digest=${digest}`, {
      body: content.subarray(800),
      headers: { 'Content-Range': '800-999' },
    });
    expect(answer.status).toBe(201);
    await expectStored(content);
  });

  it('sha512, although nobody announced it', async () => {
    const bytes = unique('sha512');
    const path = location(await client.patch(await session(), { body: bytes }));
    expect((await client.put(`${path}?digest=${digestOf(bytes, 'sha512')}`)).status).toBe(201);
    await expectStored(bytes, repository, 'sha512');
  });

  it.each(['post', 'put', 'stream', 'chunk'])('a blob of no bytes, by %s', async (way) => {
    const empty = Buffer.alloc(0);
    const query = `?digest=${digestOf(empty)}`;
    let answer: Answer;
    if (way === 'post') answer = await client.post(`${uploads}${query}`);
    else {
      const path = await session();
      if (way === 'stream') expect((await client.patch(path, { body: empty })).headers.range).toBe('0-0');
      answer = await client.put(`${path}${query}`);
    }
    expect(answer.status).toBe(201);
    const got = await client.get(`/v2/${repository}/blobs/${digestOf(empty)}`);
    expect([got.status, got.headers['content-length'], got.body.length]).toEqual([200, '0', 0]);
    expect((await client.head(`/v2/${repository}/blobs/${digestOf(empty)}`)).headers['content-length']).toBe('0');
  });

  it('keeps the state of the session out of the query: clients parse, sort and re-encode it', async () => {
    const bytes = unique('encoded');
    const path = await session();
    const answer = await client.put(`${path}?a=b&digest=${encodeURIComponent(digestOf(bytes))}&z=`, { body: bytes });
    expect(answer.status).toBe(201);
  });
});

describe('a chunk out of order', () => {
  it.each(['PATCH', 'PUT'] as const)(
    'by %s is 416 and the session lives on, at the byte that the status tells',
    async (method) => {
      const path = await session();
      await client.patch(path, { body: content.subarray(0, 400), headers: { 'Content-Range': '0-399' } });
      const query = method === 'PUT' ? `?digest=${digest}` : '';
      for (const range of ['401-1400', '0-999', '399-1398']) {
        const refused = await client.send(method, `${path}${query}`, {
          body: content,
          headers: { 'Content-Range': range },
        });
        expect([refused.status, codeOf(refused)]).toEqual([416, 'BLOB_UPLOAD_INVALID']);
        expect([refused.headers.location, refused.headers.range]).toEqual([path, '0-399']);
        const status = await client.get(`${path}${query}`);
        expect([status.status, status.headers.range, location(status)]).toEqual([204, '0-399', path]);
      }
      const headers = { 'Content-Range': '400-999' };
      expect((await client.put(`${path}?digest=${digest}`, { body: content.subarray(400), headers })).status).toBe(201);
    },
  );

  it('is 400 where the range is none', async () => {
    const answer = await client.patch(await session(), { body: 'x', headers: { 'Content-Range': 'five to six' } });
    expect([answer.status, codeOf(answer)]).toEqual([400, 'BLOB_UPLOAD_INVALID']);
  });

  it('is 400 where the length is not that of the range', async () => {
    const path = await session();
    const answer = await client.patch(path, { body: 'too long', headers: { 'Content-Range': '0-3' } });
    expect([answer.status, codeOf(answer)]).toEqual([400, 'SIZE_INVALID']);
    expect((await client.get(path)).status).toBe(204);
  });
});

describe('the end of a session', () => {
  it('DELETE is 204 and the session is gone', async () => {
    const path = await session();
    expect((await client.delete(path)).status).toBe(204);
    for (const answer of [await client.get(path), await client.delete(path), await client.patch(path, { body: 'x' })])
      expect(answer.status).toBe(404);
  });

  it('PUT with a digest that the bytes have not is 400, and nothing can be read under either digest', async () => {
    const path = await session();
    await client.patch(path, { body: 'these bytes' });
    const answer = await client.put(`${path}?digest=${digestOf('other bytes')}`);
    expect([answer.status, codeOf(answer)]).toEqual([400, 'DIGEST_INVALID']);
    for (const each of ['these bytes', 'other bytes'])
      expect((await client.head(`/v2/${repository}/blobs/${digestOf(each)}`)).status).toBe(404);
  });

  it('PUT without a digest is 400 and the session lives on', async () => {
    const path = await session();
    for (const query of ['', '?digest=', '?digest=sha256:xyz']) {
      const answer = await client.put(`${path}${query}`, { body: 'x' });
      expect([answer.status, codeOf(answer)]).toEqual([400, 'DIGEST_INVALID']);
    }
    expect((await client.get(path)).headers.range).toBe('0-0');
  });

  it('404 BLOB_UPLOAD_UNKNOWN for an id that was never given, whatever it looks like', async () => {
    for (const id of ['0197c2a8-0000-7000-8000-000000000000', 'nonsense', "x'--", 'a'.repeat(300)]) {
      const answer = await client.get(`${uploads}${id}`);
      expect([answer.status, codeOf(answer)]).toEqual([404, 'BLOB_UPLOAD_UNKNOWN']);
    }
  });

  it('is 404 for another principal and in another repository: an id is no key', async () => {
    const path = await session();
    const somebody = await harness.user({ [project.id]: ROLE.admin });
    const other = new HttpClient(client.port, somebody.basic);
    expect((await other.get(path)).status).toBe(404);
    expect((await other.patch(path, { body: 'x' })).status).toBe(404);
    expect((await other.delete(path)).status).toBe(404);
    other.close();
    expect((await client.get(path.replace('team/app', 'team/other'))).status).toBe(404);
    expect((await client.get(path)).status).toBe(204);
  });
});

describe('mount', () => {
  it('201 with the place of the blob, from a repository that the caller may read', async () => {
    const bytes = unique('mounted');
    await client.pushBlob('team/source', bytes);
    const answer = await client.post(`${uploads}?mount=${digestOf(bytes)}&from=team/source`);
    expect(answer.status).toBe(201);
    expect(location(answer)).toBe(`/v2/${repository}/blobs/${digestOf(bytes)}`);
    expect(answer.headers['docker-content-digest']).toBe(digestOf(bytes));
    await expectStored(bytes);
  });

  it('201 without a source: any repository that the caller may read will do', async () => {
    const bytes = unique('anonymous');
    await client.pushBlob('team/source', bytes);
    expect((await client.post(`${uploads}?mount=${digestOf(bytes)}`)).status).toBe(201);
    await expectStored(bytes);
  });

  it('202 with a session that works for a blob that nobody has', async () => {
    const bytes = unique('missing');
    const answer = await client.post(`${uploads}?mount=${digestOf(bytes)}&from=team/source`);
    expect(answer.status).toBe(202);
    expect((await client.put(`${location(answer)}?digest=${digestOf(bytes)}`, { body: bytes })).status).toBe(201);
  });

  it('202 from where the caller may not read, named or not, just as if it were not there', async () => {
    const secret = await harness.project(`secret${Date.now()}`);
    const owner = await harness.user({ [secret.id]: ROLE.admin });
    const bytes = unique('secret');
    const theirs = new HttpClient(client.port, owner.basic);
    await theirs.pushBlob(`${secret.name}/app`, bytes);
    theirs.close();
    for (const query of [`mount=${digestOf(bytes)}&from=${secret.name}/app`, `mount=${digestOf(bytes)}`]) {
      const answer = await client.post(`${uploads}?${query}`);
      expect(answer.status).toBe(202);
    }
    expect((await client.head(`/v2/${repository}/blobs/${digestOf(bytes)}`)).status).toBe(404);
  });

  it('202 for a source that no repository can be, 400 for a digest that is none', async () => {
    const bytes = unique('from');
    await client.pushBlob('team/source', bytes);
    expect((await client.post(`${uploads}?mount=${digestOf(bytes)}&from=../secret`)).status).toBe(202);
    expect((await client.post(`${uploads}?mount=nonsense&from=team/source`)).status).toBe(400);
  });
});

describe('DELETE of a blob', () => {
  it('202, and HEAD is 404 at once', async () => {
    const bytes = unique('deleted');
    const path = `/v2/${repository}/blobs/${await client.pushBlob(repository, bytes)}`;
    expect((await client.delete(path)).status).toBe(202);
    expect((await client.head(path)).status).toBe(404);
    const again = await client.delete(path);
    expect([again.status, codeOf(again)]).toEqual([404, 'BLOB_UNKNOWN']);
  });

  it('405 UNSUPPORTED while a manifest needs it', async () => {
    await client.pushArtifact('team/needed', 'v1');
    const { layers } = (await client.get('/v2/team/needed/manifests/v1')).json<{ layers: { digest: string }[] }>();
    const answer = await client.delete(`/v2/team/needed/blobs/${layers[0]?.digest}`);
    expect([answer.status, codeOf(answer)]).toEqual([405, 'UNSUPPORTED']);
  });
});
