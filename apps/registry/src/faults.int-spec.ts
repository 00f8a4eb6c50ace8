import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Database } from '@breakwater/database';
import { createTestDatabase, eventually, FaultyLine } from '@breakwater/testing';
import { randomBytes } from 'node:crypto';
import { readdir, truncate, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { REGISTRY_SCHEMA } from './registry-parts.js';
import { digestOf, HttpClient, manifestOf, type Answer } from './testing/http-client.js';
import { RegistryHarness, ROLE, type TestProject, type TestUser } from './testing/registry-harness.js';

let harness: RegistryHarness;
let project: TestProject;
let user: TestUser;
const MIB = 2 ** 20;

beforeAll(async () => {
  harness = await RegistryHarness.create();
  project = await harness.project('team');
  user = await harness.user({ [project.id]: ROLE.developer });
});
afterAll(() => harness.close());

async function until(condition: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setImmediate(resolve));
}

describe('the database goes away', () => {
  let line: FaultyLine;
  let client: HttpClient;

  beforeAll(async () => {
    line = await FaultyLine.to(harness.testDatabase.url);
    client = new HttpClient(await harness.start({ environment: { BREAKWATER_DATABASE_URL: line.url } }), user.basic);
    await client.pushArtifact('team/app', 'v1');
  });
  afterAll(() => {
    client.close();
    line.close();
  });

  it('503 with Retry-After for everything, and all is well when it is back', async () => {
    const { location = '' } = (await client.post('/v2/team/app/blobs/uploads/')).headers;
    line.fail('reset');
    const refused: Answer[] = [
      await client.get('/v2/team/app/manifests/v1'),
      await client.head('/v2/team/app/manifests/v1'),
      await client.post('/v2/team/app/blobs/uploads/'),
      await client.patch(location, { body: randomBytes(MIB) }),
      await client.put('/v2/team/app/manifests/v2', { body: manifestOf() }),
    ];
    expect(refused.map((answer) => [answer.status, answer.headers['retry-after']])).toEqual(
      refused.map(() => [503, '5']),
    );
    expect(refused[0]?.json()).toMatchObject({ errors: [{ code: 'UNAVAILABLE' }] });
    expect(refused[0]?.text).not.toMatch(/ECONN|127\.0\.0\.1/);
    line.mend();
    expect((await client.get('/v2/team/app/manifests/v1')).status).toBe(200);
    expect((await client.patch(location, { body: 'goes on' })).status).toBe(202);
    expect((await client.put(`${location}?digest=${digestOf('goes on')}`)).status).toBe(201);
  });
});

describe('the storage lies', () => {
  it('cuts the connection rather than send a short body, and says 500 where it can still say something', async () => {
    const client = new HttpClient(await harness.start(), user.basic);
    const content = randomBytes(4 * MIB);
    const digest = await client.pushBlob('team/app', content);
    const path = await objectOf(digest);
    await truncate(path, MIB);
    const truncated = await client.get(`/v2/team/app/blobs/${digest}`).catch((error: unknown) => error);
    if (truncated instanceof Error) expect(truncated.message).toMatch(/aborted|ECONNRESET|socket/);
    else expect((truncated as Answer).status).toBe(500);
    await unlink(path);
    const lost = await client.get(`/v2/team/app/blobs/${digest}`);
    expect(lost.status).toBe(500);
    expect(lost.text).not.toContain(harness.storagePath);
    expect(lost.text).toContain(lost.headers['x-request-id']);
    const [line] = harness.logLines.filter((each) => each['requestId'] === lost.headers['x-request-id']);
    expect(line).toMatchObject({ level: 'error', message: 'request failed' });
    client.close();
  });

  it('heals by the next push of what was lost, which a HEAD and a mount ask for from then on', async () => {
    const client = new HttpClient(await harness.start(), user.basic);
    const content = randomBytes(1_000);
    const digest = await client.pushBlob('team/app', content);
    const path = `/v2/team/app/blobs/${digest}`;
    await unlink(await objectOf(digest));
    expect((await client.head(path)).status).toBe(200);
    expect((await client.get(path)).status).toBe(500);
    expect((await client.head(path)).status).toBe(404);
    expect((await client.get(path)).status).toBe(500);
    expect((await client.post(`/v2/team/other/blobs/uploads/?mount=${digest}&from=team/app`)).status).toBe(202);
    await client.pushBlob('team/other', content);
    expect((await client.head(path)).status).toBe(200);
    const healed = await client.get(path);
    expect([healed.status, healed.body.equals(content)]).toEqual([200, true]);
    client.close();
  });

  async function objectOf(digest: string): Promise<string> {
    const [row] = await harness.database.rows<{ object_key: string }>('SELECT object_key FROM blob WHERE digest = $1', [
      digest,
    ]);
    const all = await readdir(harness.storagePath, { recursive: true });
    const found = all.find((each) => each.endsWith(row?.object_key ?? 'none'));
    return join(harness.storagePath, found ?? 'none');
  }
});

describe('a client that is silent', () => {
  let client: HttpClient;
  beforeAll(async () => {
    const environment = { BREAKWATER_REGISTRY_IDLE_SECONDS: '1', BREAKWATER_LOG_LEVEL: 'debug' };
    client = new HttpClient(await harness.start({ environment }), user.basic);
  });
  afterAll(() => client.close());

  it('in the middle of a chunk is told 408, and what arrived is kept', async () => {
    const { location = '' } = (await client.post('/v2/team/app/blobs/uploads/')).headers;
    const raw = await harness.connect(client.port);
    await raw.sendHead(`PATCH ${location} HTTP/1.1`, 'Host: x', `Authorization: ${user.basic}`, 'Content-Length: 1000');
    await raw.send('arrived');
    const answer = await raw.answer();
    expect([answer.status, answer.headers['connection']]).toEqual([408, 'close']);
    await raw.ended();
    expect((await client.get(location)).headers.range).toBe('0-6');
  });

  it('in the middle of a manifest is told 408', async () => {
    const raw = await harness.connect(client.port);
    const lines = ['Host: x', `Authorization: ${user.basic}`, 'Content-Length: 1000'];
    await raw.sendHead('PUT /v2/team/app/manifests/v1 HTTP/1.1', ...lines);
    await raw.send('{');
    expect((await raw.answer()).status).toBe(408);
    await raw.ended();
  });

  it('in the middle of a download is cut off, and holds nothing open', async () => {
    const patient = new HttpClient(await harness.start(), user.basic);
    const digest = await patient.pushBlob('team/app', randomBytes(32 * MIB));
    patient.close();
    const raw = await harness.connect(client.port);
    raw.stopReading();
    await raw.sendHead(`GET /v2/team/app/blobs/${digest} HTTP/1.1`, 'Host: x', `Authorization: ${user.basic}`);
    // What the kernel holds is sent, the rest is not taken.
    await eventually(() => {
      expect(harness.logLines).toContainEqual(
        expect.objectContaining({ path: expect.stringContaining(digest), status: 499 }),
      );
    });
    raw.startReading();
    await expect(raw.answer()).rejects.toThrow();
  });
});

describe('the process is asked to stop', () => {
  it('finishes the upload in flight, takes nothing new, and tells that it is not ready', async () => {
    const instance = await harness.startInstance({ environment: { BREAKWATER_SHUTDOWN_GRACE_SECONDS: '60' } });
    const client = new HttpClient(instance.port, user.basic);
    const { location = '' } = (await client.post('/v2/team/app/blobs/uploads/')).headers;
    const raw = await harness.connect(instance.port);
    await raw.sendHead(`PATCH ${location} HTTP/1.1`, 'Host: x', `Authorization: ${user.basic}`, 'Content-Length: 8');
    await raw.send('half');
    await until(async () => (await harness.database.rows('SELECT FROM upload WHERE writer IS NOT NULL')).length > 0);
    const stopped = instance.stop();
    await expect(harness.connect(instance.port)).rejects.toThrow(/ECONNREFUSED/);
    await raw.send('half');
    const answer = await raw.answer();
    expect([answer.status, answer.headers['range'], answer.headers['connection']]).toEqual([202, '0-7', 'close']);
    await stopped;
    client.close();
    expect(await harness.database.rows('SELECT FROM upload WHERE writer IS NOT NULL')).toEqual([]);
  });

  it('cuts off what takes longer than the grace period, and gives its claim back: another instance goes on', async () => {
    const instance = await harness.startInstance({ environment: { BREAKWATER_SHUTDOWN_GRACE_SECONDS: '0' } });
    const client = new HttpClient(instance.port, user.basic);
    const { location = '' } = (await client.post('/v2/team/app/blobs/uploads/')).headers;
    const raw = await harness.connect(instance.port);
    await raw.sendHead(`PATCH ${location} HTTP/1.1`, 'Host: x', `Authorization: ${user.basic}`, 'Content-Length: 1000');
    await raw.send('the first half');
    await until(async () => (await harness.database.rows('SELECT FROM upload WHERE writer IS NOT NULL')).length > 0);
    await instance.stop();
    client.close();
    const other = new HttpClient(await harness.start(), user.basic);
    const status = await other.get(location);
    expect(status.status).toBe(204);
    expect((await other.patch(location, { body: 'more' })).status).toBe(202);
    other.close();
  });

  it('ends idle connections at once', async () => {
    const instance = await harness.startInstance({ environment: { BREAKWATER_SHUTDOWN_GRACE_SECONDS: '60' } });
    const raw = await harness.connect(instance.port);
    await raw.sendHead('GET /v2/ HTTP/1.1', 'Host: x', `Authorization: ${user.basic}`);
    expect((await raw.answer()).status).toBe(200);
    await instance.stop();
    await raw.ended();
  });
});

describe('health', () => {
  it('is answered by the process itself, before the front door', async () => {
    const client = new HttpClient(await harness.start(), null);
    // A probe has two seconds, which a busy machine may not give it; the next one does.
    await eventually(async () => {
      const ready = await client.get('/healthz/ready');
      expect([ready.status, ready.json()]).toMatchObject([
        200,
        { status: 'ok', checks: [{ name: 'database' }, { name: 'storage' }] },
      ]);
    });
    expect((await client.get('/healthz/live')).status).toBe(200);
    client.close();
  });

  it('has its metrics on a port of its own, by kind of route and never by name', async () => {
    const instance = await harness.startInstance({ environment: { BREAKWATER_REGISTRY_METRICS_PORT: '0' } });
    const client = new HttpClient(instance.port, user.basic);
    await client.get('/v2/team/some-name/manifests/some-tag');
    const metrics = new HttpClient(instance.metricsPort ?? 0, null);
    const { text } = await metrics.get('/metrics');
    expect(text).toContain(
      'breakwater_http_requests_total{route="/v2/:name/manifests/:reference",method="GET",status="404"',
    );
    expect(text).not.toContain('some-name');
    client.close();
    metrics.close();
  });

  it('has that port on an address of its own where it is told to', async () => {
    const environment = { BREAKWATER_REGISTRY_METRICS_PORT: '0', BREAKWATER_REGISTRY_METRICS_HOST: '127.0.0.2' };
    const isThereAlone = async (): Promise<boolean> => {
      const { metricsPort } = await harness.startInstance({ environment });
      const path = `:${metricsPort}/healthz/live`;
      expect((await fetch(`http://127.0.0.2${path}`)).status).toBe(200);
      return fetch(`http://127.0.0.1${path}`).then(
        () => false,
        () => true,
      );
    };
    // By chance the number is another server's at the other address, and not three times.
    expect((await isThereAlone()) || (await isThereAlone()) || (await isThereAlone())).toBe(true);
  });
});

describe('without a core to pass things on to', () => {
  it('404 for what is not the data plane', async () => {
    const client = new HttpClient(await harness.start({ environment: { BREAKWATER_CORE_URL: '' } }), null);
    for (const path of ['/', '/api/v2.0/health', '/metrics']) expect((await client.get(path)).status).toBe(404);
    expect((await client.get('/v2/')).status).toBe(401);
    client.close();
  });
});

describe('a database that is not migrated yet', () => {
  /** Until an instance says so that was started after so many lines. */
  const untilWaiting = (before: number): Promise<void> =>
    eventually(() => {
      expect(harness.logLines.slice(before)).toContainEqual(
        expect.objectContaining({ message: expect.stringMatching(/^waiting: .*migrated/) }),
      );
    });

  it('is waited for, which the log tells, and then served from', async () => {
    const empty = await createTestDatabase({ entities: [], migrations: [] });
    const before = harness.logLines.length;
    const starting = harness.startInstance({ environment: { BREAKWATER_DATABASE_URL: empty.url } });
    await untilWaiting(before);
    const database = await Database.connect({ url: empty.url, poolSize: 2, applicationName: 'test' }, REGISTRY_SCHEMA);
    await database.migrate();
    await database.close();
    const instance = await starting;
    const client = new HttpClient(instance.port, null);
    expect((await client.get('/v2/')).status).toBe(401);
    client.close();
    await instance.stop();
    await empty.drop();
  });

  it('is not waited for any longer once the process is asked to stop', async () => {
    const empty = await createTestDatabase({ entities: [], migrations: [] });
    const asked = new AbortController();
    const before = harness.logLines.length;
    const starting = harness.startInstance({
      environment: { BREAKWATER_DATABASE_URL: empty.url },
      signal: asked.signal,
    });
    await untilWaiting(before);
    asked.abort();
    await expect(starting).rejects.toThrow(/abort/);
    await empty.drop();
  });
});
