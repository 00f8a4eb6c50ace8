import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { digestOf, HttpClient, OCI_MANIFEST } from '../testing/http-client.js';
import { RegistryHarness, ROLE, type TestUser } from '../testing/registry-harness.js';

let harness: RegistryHarness;
let port: number;
let pusher: TestUser;
let client: HttpClient;
const MIB = 2 ** 20;
const unknown = `sha256:${'0'.repeat(64)}`;

beforeAll(async () => {
  harness = await RegistryHarness.create();
  const project = await harness.project('team');
  pusher = await harness.user({ [project.id]: ROLE.developer });
  port = await harness.start();
  client = new HttpClient(port, pusher.basic);
});
afterAll(async () => {
  client.close();
  await harness.close();
});

const authorized = (): string => `Authorization: ${pusher.basic}`;

describe('a push that is refused', () => {
  it.each([
    ['without credentials', () => 'X-Nothing: 1', '/v2/team/app/blobs/uploads/?digest=' + unknown, 401],
    [
      'into a session that is not there',
      authorized,
      '/v2/team/app/blobs/uploads/0197c2a8-0000-7000-8000-000000000000',
      404,
    ],
    ['to a path that nobody serves', authorized, '/v2/team/app/nonsense', 404],
  ])('%s shows its status to a client that sends all of its 50 MB first', async (_, header, path, status) => {
    const raw = await harness.connect(port);
    const method = path.includes('?') ? 'POST' : 'PATCH';
    await raw.sendHead(`${method} ${path} HTTP/1.1`, 'Host: x', header(), `Content-Length: ${50 * MIB}`);
    for (let sent = 0; sent < 50; sent++) await raw.send(Buffer.alloc(MIB));
    const answer = await raw.answer();
    expect([answer.status, answer.headers['connection']]).toEqual([status, 'close']);
    await raw.ended();
  });

  it('because the chunk is out of order shows 416 to a client that is still sending', async () => {
    const { headers } = await client.post('/v2/team/app/blobs/uploads/');
    const raw = await harness.connect(port);
    await raw.sendHead(
      ...[`PATCH ${headers.location} HTTP/1.1`, 'Host: x', authorized()],
      ...[`Content-Length: ${10 * MIB}`, `Content-Range: 5-${10 * MIB + 4}`],
    );
    for (let sent = 0; sent < 10; sent++) await raw.send(Buffer.alloc(MIB));
    expect((await raw.answer()).status).toBe(416);
  });

  it('for a manifest that is announced as too large is 413 before a byte of it is read', async () => {
    const raw = await harness.connect(port);
    await raw.sendHead('PUT /v2/team/app/manifests/x HTTP/1.1', 'Host: x', authorized(), `Content-Length: ${50 * MIB}`);
    expect((await raw.answer()).status).toBe(413);
  });

  it('for a manifest without a length is 413 as soon as it is too large', async () => {
    const raw = await harness.connect(port);
    await raw.sendHead('PUT /v2/team/app/manifests/x HTTP/1.1', 'Host: x', authorized(), 'Transfer-Encoding: chunked');
    for (let sent = 0; sent < 5; sent++) await raw.send(`100000\r\n${' '.repeat(MIB)}\r\n`);
    expect((await raw.answer()).status).toBe(413);
  });

  it('with little left to read leaves the connection to the next request', async () => {
    const raw = await harness.connect(port);
    for (let turn = 0; turn < 3; turn++) {
      await raw.sendHead('PUT /v2/team/app/manifests/v1 HTTP/1.1', 'Host: x', 'Content-Length: 1000');
      expect((await raw.answer()).status).toBe(401);
      await raw.send(Buffer.alloc(1000));
    }
    await raw.sendHead('GET /v2/ HTTP/1.1', 'Host: x', authorized());
    expect((await raw.answer()).status).toBe(200);
  });
});

describe('Expect: 100-continue', () => {
  const expecting = 'Expect: 100-continue';

  it.each([
    ['401 without credentials', 'PUT', '/v2/team/app/manifests/v1', () => 'X-Nothing: 1', 401],
    [
      '404 for a session that is not there',
      'PATCH',
      '/v2/team/app/blobs/uploads/0197c2a8-0000-7000-8000-000000000000',
      authorized,
      404,
    ],
    ['400 for a digest that is none', 'POST', '/v2/team/app/blobs/uploads/?digest=x', authorized, 400],
  ])('is answered with %s at once, and the body never asked for', async (_, method, path, header, status) => {
    const raw = await harness.connect(port);
    await raw.sendHead(
      `${method} ${path} HTTP/1.1`,
      'Host: x',
      header(),
      `Content-Length: ${5 * 1024 * MIB}`,
      expecting,
    );
    const answer = await raw.answer();
    expect([answer.status, answer.headers['connection']]).toEqual([status, 'close']);
  });

  it('is answered with 413 where the announced manifest is too large', async () => {
    const raw = await harness.connect(port);
    const lines = ['Host: x', authorized(), `Content-Length: ${50 * MIB}`, expecting];
    await raw.sendHead('PUT /v2/team/app/manifests/v1 HTTP/1.1', ...lines);
    expect((await raw.answer()).status).toBe(413);
  });

  it('is answered with 100 where the body is wanted', async () => {
    const bytes = Buffer.from('expected');
    const { headers } = await client.post('/v2/team/app/blobs/uploads/');
    const raw = await harness.connect(port);
    const path = `${headers.location}?digest=${digestOf(bytes)}`;
    await raw.sendHead(`PUT ${path} HTTP/1.1`, 'Host: x', authorized(), `Content-Length: ${bytes.length}`, expecting);
    expect((await raw.answer()).status).toBe(100);
    await raw.send(bytes);
    expect((await raw.answer()).status).toBe(201);
  });

  it('is no reason to ask for a body that a mount does not need', async () => {
    await client.pushBlob('team/source', 'mount me');
    const raw = await harness.connect(port);
    const path = `/v2/team/app/blobs/uploads/?mount=${digestOf('mount me')}&from=team/source`;
    await raw.sendHead(`POST ${path} HTTP/1.1`, 'Host: x', authorized(), 'Content-Length: 8', expecting);
    expect((await raw.answer()).status).toBe(201);
  });
});

describe('a refusal', () => {
  it('has a request id, which is the client’s own where it sent one', async () => {
    const answer = await client.get('/v2/team/app/manifests/nope', { 'X-Request-Id': 'mine-1' });
    expect(answer.headers['x-request-id']).toBe('mine-1');
    expect((await client.get('/v2/team/app/manifests/nope')).headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('is never kept by a cache', async () => {
    expect((await client.get('/v2/team/app/manifests/nope')).headers['cache-control']).toBe('no-store');
  });

  it('is logged where it is about a change, without secrets; a 404 that tells a client to upload is not', async () => {
    const before = harness.logLines.length;
    await client.head(`/v2/team/app/blobs/${unknown}`);
    await client.put('/v2/team/app/manifests/v1?token=s3cret', {
      body: 'x',
      headers: { 'Content-Type': OCI_MANIFEST },
    });
    // The health checks may have something to tell at any time.
    const lines = harness.logLines.slice(before).filter((line) => line['requestId'] !== undefined);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({
      status: 400,
      method: 'PUT',
      path: '/v2/team/app/manifests/v1',
      principal: pusher.name,
    });
    expect(JSON.stringify(lines)).not.toMatch(/s3cret|Basic /);
  });
});

describe('the connection', () => {
  it('is kept, and serves request after request', async () => {
    const raw = await harness.connect(port);
    for (let turn = 0; turn < 5; turn++) {
      await raw.sendHead('GET /v2/ HTTP/1.1', 'Host: x', authorized());
      const answer = await raw.answer();
      expect([answer.status, answer.headers['connection']]).toEqual([200, 'keep-alive']);
      expect(answer.headers['keep-alive']).toBe('timeout=75');
    }
  });

  it('takes requests that are sent without waiting for the answers, and answers in their order', async () => {
    await client.pushArtifact('team/app', 'v1');
    const raw = await harness.connect(port);
    const paths = ['/v2/', '/v2/team/app/tags/list', '/v2/team/app/manifests/nope', '/v2/team/app/manifests/v1'];
    await raw.send(paths.map((path) => `GET ${path} HTTP/1.1\r\nHost: x\r\n${authorized()}\r\n\r\n`).join(''));
    const statuses = [];
    for (const _ of paths) statuses.push((await raw.answer()).status);
    expect(statuses).toEqual([200, 200, 404, 200]);
  });
});
