import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { HttpClient } from '../testing/http-client.js';
import { RegistryHarness, ROLE } from '../testing/registry-harness.js';

let harness: RegistryHarness;
let client: HttpClient;
let port: number;
let basic: string;

beforeAll(async () => {
  harness = await RegistryHarness.create();
  const own = await harness.project('own');
  const secret = await harness.project('secret');
  const user = await harness.user({ [own.id]: ROLE.admin });
  const owner = await harness.user({ [secret.id]: ROLE.admin });
  port = await harness.start();
  basic = user.basic;
  client = new HttpClient(port, basic);
  const theirs = new HttpClient(port, owner.basic);
  await theirs.pushArtifact('secret/app', 'v1');
  await client.pushArtifact('own/app', 'v1');
  theirs.close();
});
afterAll(async () => {
  client.close();
  await harness.close();
});

/** Nothing is cleaned up on the way. */
async function ask(target: string, method = 'GET'): Promise<{ status: number; text: string }> {
  const raw = await harness.connect(port);
  await raw.sendHead(`${method} ${target} HTTP/1.1`, 'Host: x', `Authorization: ${basic}`, 'Connection: close');
  const answer = await raw.answer({ isHead: method === 'HEAD' });
  return { status: answer.status, text: answer.body.toString() };
}

describe('a target that two readers could take apart differently', () => {
  it.each([
    '/v2/own/../secret/app/manifests/v1',
    '/v2/own/..%2fsecret/app/manifests/v1',
    '/v2/own%2f..%2fsecret%2fapp/manifests/v1',
    '/v2/own/%2e%2e/secret/app/manifests/v1',
    '/v2/own/.%2e/secret/app/manifests/v1',
    '/v2/own/./app/manifests/v1',
    '/v2/own//app/manifests/v1',
    '/v2//own/app/manifests/v1',
    '/v2/own\\..\\secret/app/manifests/v1',
    '/v2/own/app/manifests/..%2f..%2f..%2fsecret%2fapp%2fmanifests%2fv1',
    '/v2/own/app/manifests/v1%00',
    '/v2/own/app/manifests/v1%20',
    '/v2/own/app/manifests/v1;x=y/../../../secret/app/manifests/v1',
    '/v2/own/app/manifests/v1#/../v2',
    '/v2/%73ecret/app/manifests/v1',
    '/v2/own/app/manifests/%76%31',
  ])('is refused before anything is looked up: %s', async (target) => {
    const { status, text } = await ask(target);
    expect([400, 404]).toContain(status);
    expect(text).not.toContain('schemaVersion');
  });

  it.each(['/v2/../api/v2.0/users', '/v2/..%2fapi/v2.0/users', '/v2/%2e%2e/metrics'])(
    'never leaves the data plane: %s',
    async (target) => {
      const { status, text } = await ask(target);
      expect(status).toBe(400);
      expect(JSON.parse(text)).toMatchObject({ errors: [{ code: expect.any(String) }] });
    },
  );

  it.each([
    '/./v2/secret/app/manifests/v1',
    '//v2/secret/app/manifests/v1',
    '/V2/secret/app/manifests/v1',
    '/%76%32/secret/app/manifests/v1',
  ])('never enters it: %s', async (target) => {
    const before = (await ask('/service/token')).text;
    expect((await ask(target)).text.slice(0, 10)).toBe(before.slice(0, 10)); // answered behind the front door
  });
});

describe('names', () => {
  it('are found from the end: a repository may be called manifests or blobs', async () => {
    await client.pushArtifact('own/manifests/blobs/uploads', 'v1');
    expect((await client.get('/v2/own/manifests/blobs/uploads/manifests/v1')).status).toBe(200);
    expect((await client.get('/v2/own/manifests/blobs/uploads/tags/list')).status).toBe(200);
  });

  it.each(['Own/app', 'own/App', 'own/-app', 'own/app-', 'own/a..b', 'own/a___b', `own/${'a'.repeat(260)}`, 'own/ä'])(
    '400 NAME_INVALID for %s',
    async (name) => {
      const answer = await ask(`/v2/${name}/tags/list`);
      expect(answer.status).toBe(400);
    },
  );

  it('of the greatest length work in every place', async () => {
    const name = `own/${'a'.repeat(251)}`;
    await client.pushArtifact(name, 'v1');
    expect((await client.get(`/v2/${name}/manifests/v1`)).status).toBe(200);
    expect((await client.post(`/v2/${name}/blobs/uploads/`)).headers.location).toContain(name);
  });

  it('take an encoded colon in a digest, as some clients send it', async () => {
    const digest = (await client.head('/v2/own/app/manifests/v1')).headers['docker-content-digest'] as string;
    expect((await client.get(`/v2/own/app/manifests/${digest.replace(':', '%3A')}`)).status).toBe(200);
  });
});

describe('requests that break other rules', () => {
  it('404 for a path that nobody serves, 405 with Allow for a method that nobody serves', async () => {
    const expected: [string, string, number, string | null][] = [
      ['GET', '/v2/own/app/nonsense/x', 404, null],
      ['GET', '/v2/x', 404, null],
      ['POST', '/v2/', 405, 'GET, HEAD'],
      ['POST', '/v2/own/app/manifests/v1', 405, 'GET, HEAD, PUT, DELETE'],
      ['PATCH', `/v2/own/app/blobs/sha256:${'0'.repeat(64)}`, 405, 'GET, HEAD, DELETE'],
      ['GET', '/v2/own/app/blobs/uploads/', 405, 'POST'],
      ['DELETE', '/v2/own/app/tags/list', 405, 'GET, HEAD'],
      ['OPTIONS', '/v2/_catalog', 405, 'GET, HEAD'],
    ];
    for (const [method, path, status, allow] of expected) {
      const answer = await client.send(method, path, {});
      expect([method, path, answer.status, answer.headers.allow ?? null]).toEqual([method, path, status, allow]);
      expect(answer.json()).toMatchObject({ errors: [{ code: 'UNSUPPORTED' }] });
    }
  });

  it('431 and not a crash for headers beyond 64 KiB; below, credentials as long as identity tokens pass', async () => {
    const raw = await harness.connect(port);
    await raw.sendHead('GET /v2/ HTTP/1.1', 'Host: x', `Authorization: Bearer ${'a'.repeat(40_000)}`);
    expect((await raw.answer()).status).toBe(401);
    const large = await harness.connect(port);
    await large.sendHead('GET /v2/ HTTP/1.1', 'Host: x', `Authorization: Bearer ${'a'.repeat(70_000)}`);
    expect((await large.answer()).status).toBe(431);
  });

  it('refuses two lengths, and a length beside chunks: request smuggling', async () => {
    for (const lines of [
      ['Content-Length: 1', 'Content-Length: 2'],
      ['Content-Length: 5', 'Transfer-Encoding: chunked'],
    ]) {
      const raw = await harness.connect(port);
      await raw.sendHead('PUT /v2/own/app/manifests/v1 HTTP/1.1', 'Host: x', ...lines);
      expect((await raw.answer()).status).toBe(400);
    }
  });

  it('takes the absolute form of a target, and looks at its path only', async () => {
    expect((await ask('http://elsewhere.example/v2/own/app/tags/list')).status).toBe(200);
    expect((await ask('http://elsewhere.example/v2/secret/app/tags/list')).status).toBe(401);
    expect((await ask('ftp://elsewhere.example/v2/')).status).toBe(400);
  });
});
