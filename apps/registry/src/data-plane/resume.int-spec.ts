import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '@breakwater/testing';
import { randomBytes } from 'node:crypto';
import { digestOf, HttpClient, type Answer } from '../testing/http-client.js';
import { RegistryHarness, ROLE, type TestUser } from '../testing/registry-harness.js';

let harness: RegistryHarness;
let user: TestUser;
let one: HttpClient;
let two: HttpClient;
const uploads = '/v2/team/app/blobs/uploads/';
const MIB = 2 ** 20;

beforeAll(async () => {
  harness = await RegistryHarness.create();
  const project = await harness.project('team');
  user = await harness.user({ [project.id]: ROLE.developer });
  one = new HttpClient(await harness.start(), user.basic);
  two = new HttpClient(await harness.start(), user.basic);
});
afterAll(async () => {
  one.close();
  two.close();
  await harness.close();
});

/** The status of an upload once its last writer has let go of it. */
async function settled(client: HttpClient, path: string): Promise<Answer> {
  for (;;) {
    // A chunk that cannot fit touches nothing: it is refused as busy, or as out of order.
    const probe = await client.patch(path, { body: 'x', headers: { 'Content-Range': '900000000-900000000' } });
    if (probe.status === 416) return client.get(path);
    expect([probe.status, probe.headers['retry-after']]).toEqual([429, '2']);
  }
}

function received(answer: Answer): number {
  return Number(String(answer.headers.range).split('-')[1]) + 1;
}

describe('a client that hangs up in the middle of a chunk', () => {
  it.each(['with its length', 'in chunks of HTTP'])(
    '%s goes on from where the status says, and loses nothing',
    async (how) => {
      const content = randomBytes(3 * MIB);
      const path = (await one.post(uploads)).headers.location ?? '';
      const raw = await harness.connect(one.port);
      const isChunked = how === 'in chunks of HTTP';
      await raw.sendHead(
        ...[`PATCH ${path} HTTP/1.1`, 'Host: x', `Authorization: ${user.basic}`],
        isChunked ? 'Transfer-Encoding: chunked' : `Content-Length: ${content.length}`,
      );
      await raw.send(isChunked ? `100000\r\n` : '');
      await raw.send(content.subarray(0, MIB));
      if (isChunked) await raw.send('\r\n100000\r\n');
      await raw.send(content.subarray(MIB, MIB + 4));
      await harness.untilWriting(path);
      raw.abort();
      const status = await settled(two, path);
      const from = status.headers.range === '0-0' ? 0 : received(status);
      expect(from).toBeLessThanOrEqual(MIB + 4);
      const rest = await two.patch(path, {
        body: content.subarray(from),
        headers: { 'Content-Range': `${from}-${content.length - 1}` },
      });
      expect([rest.status, received(rest)]).toEqual([202, content.length]);
      expect((await one.put(`${path}?digest=${digestOf(content)}`)).status).toBe(201);
      expect((await two.get(`/v2/team/app/blobs/${digestOf(content)}`)).body.equals(content)).toBe(true);
    },
  );

  it('is nobody’s error: nothing is logged', async () => {
    const client = new HttpClient(await harness.start({ environment: { BREAKWATER_LOG_LEVEL: 'debug' } }), user.basic);
    const path = (await client.post(uploads)).headers.location ?? '';
    const before = harness.logLines.length;
    const raw = await harness.connect(client.port);
    await raw.sendHead(`PATCH ${path} HTTP/1.1`, 'Host: x', `Authorization: ${user.basic}`, 'Content-Length: 1000');
    await raw.send('half');
    await harness.untilWriting(path);
    raw.abort();
    const lines = (): Record<string, unknown>[] => harness.logLines.slice(before);
    await eventually(() => expect(lines()).toContainEqual(expect.objectContaining({ path, status: 499 })));
    // Of a slow machine the health checks may tell as well.
    const ofRequests = lines().filter((line) => !/ is (ok|failing)$/.test(String(line['message'])));
    expect(ofRequests.filter((line) => line['level'] === 'error' || line['level'] === 'warn')).toEqual([]);
    client.close();
  });

  it('in the middle of a whole blob leaves nothing behind', async () => {
    const content = randomBytes(MIB);
    const raw = await harness.connect(one.port);
    await raw.sendHead(
      `POST ${uploads}?digest=${digestOf(content)} HTTP/1.1`,
      ...['Host: x', `Authorization: ${user.basic}`, `Content-Length: ${content.length}`],
    );
    await raw.send(content.subarray(0, 1000));
    const id = await harness.untilWriting();
    raw.abort();
    await eventually(async () => {
      expect(await harness.database.rows('SELECT FROM upload WHERE id = $1', [id])).toEqual([]);
    });
    expect((await one.head(`/v2/team/app/blobs/${digestOf(content)}`)).status).toBe(404);
  });
});

describe('two instances over one database and one storage', () => {
  it('take the requests of one upload in turn', async () => {
    const content = randomBytes(400_000);
    const path = (await one.post(uploads)).headers.location ?? '';
    for (let turn = 0; turn < 4; turn++) {
      const client = turn % 2 === 0 ? two : one;
      const chunk = content.subarray(turn * 100_000, (turn + 1) * 100_000);
      const headers = { 'Content-Range': `${turn * 100_000}-${(turn + 1) * 100_000 - 1}` };
      const answer = await client.patch(path, { body: chunk, headers });
      expect([answer.status, answer.headers.range]).toEqual([202, `0-${(turn + 1) * 100_000 - 1}`]);
      expect((await (turn % 2 === 0 ? one : two).get(path)).headers.range).toBe(answer.headers.range);
    }
    expect((await one.put(`${path}?digest=${digestOf(content, 'sha512')}`)).status).toBe(201);
    expect((await two.get(`/v2/team/app/blobs/${digestOf(content, 'sha512')}`)).body.equals(content)).toBe(true);
  });

  it('see each other’s writes at once: tag, delete, blob', async () => {
    const digest = await one.pushArtifact('team/app', 'shared');
    expect((await two.head('/v2/team/app/manifests/shared')).headers['docker-content-digest']).toBe(digest);
    const admin = new HttpClient(one.port, harness.admin.basic);
    await admin.delete('/v2/team/app/manifests/shared');
    admin.close();
    expect((await two.head('/v2/team/app/manifests/shared')).status).toBe(404);
    const blob = await two.pushBlob('team/app', 'seen by both');
    expect((await one.get(`/v2/team/app/blobs/${blob}`)).text).toBe('seen by both');
  });

  it('let one of two writers of an upload in, and tell the other when to come again', async () => {
    const path = (await one.post(uploads)).headers.location ?? '';
    const raw = await harness.connect(one.port);
    await raw.sendHead(`PATCH ${path} HTTP/1.1`, 'Host: x', `Authorization: ${user.basic}`, 'Content-Length: 8');
    await raw.send('half');
    await harness.untilWriting(path);
    const other = await two.patch(path, { body: 'mine' });
    expect([other.status, other.headers['retry-after']]).toEqual([429, '2']);
    await raw.send('half');
    expect((await raw.answer()).headers['range']).toBe('0-7');
  });

  it('commit the same blob from both sides at once, and keep one', async () => {
    const content = randomBytes(200_000);
    const digest = digestOf(content);
    const pushes = [one, two, one, two].map((client, index) =>
      client.post(`/v2/team/app${index}/blobs/uploads/?digest=${digest}`, { body: content }),
    );
    expect((await Promise.all(pushes)).map((answer) => answer.status)).toEqual([201, 201, 201, 201]);
    const rows = await harness.database.rows('SELECT FROM blob WHERE digest = $1', [digest]);
    expect(rows).toHaveLength(1);
    for (let index = 0; index < 4; index++)
      expect((await two.get(`/v2/team/app${index}/blobs/${digest}`)).body.equals(content)).toBe(true);
  });
});
