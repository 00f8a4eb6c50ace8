import { eventually, FaultyLine, type FaultPlan } from '@breakwater/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { CONFIG, digestOf, HttpClient, LAYER, manifestOf, OCI_MANIFEST, type Answer } from './testing/http-client.js';
import { RegistryHarness, ROLE } from './testing/registry-harness.js';

// Every request, with the connections to the database breaking at one step of it after the other; and then again, as a
// client asks that was told to.

/** A request, ready to be sent by whichever instance. */
type Ask = (client: HttpClient) => Promise<Answer>;

interface Case {
  /** Prepares what the request is about, over an instance that loses nothing. */
  readonly prepare: (direct: HttpClient) => Promise<Ask> | Ask;
  readonly succeedsWith: number;
  /** What else it may be told when it asks again, where that is not the same. */
  readonly againWith?: readonly number[];
}

const REPOSITORY = '/v2/team/app';
const MANIFEST = { 'Content-Type': OCI_MANIFEST };

const CASES: Readonly<Record<string, Case>> = {
  'GET /v2/': { prepare: () => (client) => client.get('/v2/'), succeedsWith: 200 },
  'GET manifest by tag': { prepare: () => (client) => client.get(`${REPOSITORY}/manifests/v1`), succeedsWith: 200 },
  'HEAD manifest by digest': {
    prepare: () => (client) => client.head(`${REPOSITORY}/manifests/${digestOf(manifestOf())}`),
    succeedsWith: 200,
  },
  'GET blob': { prepare: () => (client) => client.get(`${REPOSITORY}/blobs/${digestOf(LAYER)}`), succeedsWith: 200 },
  'HEAD blob': { prepare: () => (client) => client.head(`${REPOSITORY}/blobs/${digestOf(LAYER)}`), succeedsWith: 200 },
  'GET tags': { prepare: () => (client) => client.get(`${REPOSITORY}/tags/list`), succeedsWith: 200 },
  'GET referrers': {
    prepare: () => (client) => client.get(`${REPOSITORY}/referrers/${digestOf(CONFIG)}`),
    succeedsWith: 200,
  },
  'POST upload': { prepare: () => (client) => client.post(`${REPOSITORY}/blobs/uploads/`), succeedsWith: 202 },
  'POST upload with the whole blob': {
    prepare: () => {
      const body = randomBytes(5_000);
      return (client) => client.post(`${REPOSITORY}/blobs/uploads/?digest=${digestOf(body)}`, { body });
    },
    succeedsWith: 201,
  },
  'POST mount': {
    prepare: async (direct) => {
      const digest = await direct.pushBlob('team/other', randomBytes(100));
      return (client) => client.post(`${REPOSITORY}/blobs/uploads/?mount=${digest}&from=team/other`);
    },
    succeedsWith: 201,
  },
  'PATCH upload': {
    prepare: async (direct) => {
      const location = await sessionOf(direct);
      const headers = { 'Content-Range': '0-4999' };
      const body = randomBytes(5_000);
      return (client) => client.patch(location, { body, headers });
    },
    succeedsWith: 202,
    // It has arrived, and goes on after it.
    againWith: [416],
  },
  'PUT upload with its last bytes': {
    prepare: async (direct) => {
      const [location, body] = [await sessionOf(direct), randomBytes(5_000)];
      return (client) => client.put(`${location}?digest=${digestOf(body)}`, { body });
    },
    succeedsWith: 201,
  },
  'PUT upload of what it has': {
    prepare: async (direct) => {
      const [location, body] = [await sessionOf(direct), randomBytes(5_000)];
      await direct.patch(location, { body });
      return (client) => client.put(`${location}?digest=${digestOf(body)}`);
    },
    succeedsWith: 201,
  },
  'GET upload': {
    prepare: async (direct) => {
      const location = await sessionOf(direct);
      return (client) => client.get(location);
    },
    succeedsWith: 204,
  },
  'DELETE upload': {
    prepare: async (direct) => {
      const location = await sessionOf(direct);
      return (client) => client.delete(location);
    },
    succeedsWith: 204,
    againWith: [404],
  },
  'PUT manifest': {
    prepare: () => {
      const body = manifestOf({ annotations: { salt: randomBytes(8).toString('hex') } });
      return (client) => client.put(`${REPOSITORY}/manifests/v2`, { body, headers: MANIFEST });
    },
    succeedsWith: 201,
  },
  'DELETE manifest': {
    prepare: async (direct) => {
      const digest = await direct.pushManifest('team/app', 'v3', saltedManifest());
      return (client) => client.delete(`${REPOSITORY}/manifests/${digest}`);
    },
    succeedsWith: 202,
    againWith: [404],
  },
  'DELETE tag': {
    prepare: async (direct) => {
      await direct.pushManifest('team/app', 'v4', saltedManifest());
      return (client) => client.delete(`${REPOSITORY}/manifests/v4`);
    },
    succeedsWith: 202,
    againWith: [404],
  },
  'DELETE blob': {
    prepare: async (direct) => {
      const digest = await direct.pushBlob('team/app', randomBytes(100));
      return (client) => client.delete(`${REPOSITORY}/blobs/${digest}`);
    },
    succeedsWith: 202,
    againWith: [404],
  },
};

/** Each connection is made anew after each break. */
const POOL_SIZE = '3';

describe('a request that loses the database', () => {
  let harness: RegistryHarness;
  let line: FaultyLine;
  let direct: HttpClient;
  let client: HttpClient;

  beforeAll(async () => {
    harness = await RegistryHarness.create();
    const project = await harness.project('team');
    const user = await harness.user({ [project.id]: ROLE.maintainer });
    line = await FaultyLine.to(harness.testDatabase.url);
    // Nothing is remembered of projects and accounts: every request asks for all that it needs.
    const environment = { BREAKWATER_DATABASE_POOL_SIZE: POOL_SIZE };
    direct = new HttpClient(await harness.start({ environment }), user.basic);
    const overLine = { ...environment, BREAKWATER_DATABASE_URL: line.url };
    client = new HttpClient(await harness.start({ environment: overLine }), user.basic);
    await direct.pushArtifact('team/app', 'v1');
  });
  afterAll(async () => {
    direct.close();
    client.close();
    await harness.close();
    line.close();
  });

  describe.each(Object.entries(CASES))('%s', (_, { prepare, succeedsWith, againWith = [] }) => {
    it.each<Pick<FaultPlan, 'of' | 'then'>>([
      { of: 'questions', then: 'served' },
      { of: 'questions', then: 'refused' },
      { of: 'answers', then: 'served' },
    ])('is done, or 503 with Retry-After, and safe to repeat: $of, then connections are $then', async (plan) => {
      for (let after = 0, isBroken = true; isBroken; after++) {
        const ask = await prepare(direct);
        line.failAt({ ...plan, in: 'packets', after, fault: 'reset' });
        const first = await ask(client);
        isBroken = line.hasFailed;
        line.mend();
        const [status, retryAfter] = [first.status, Number(first.headers['retry-after'])];
        if (isBroken && status === 503) expect(retryAfter).toBeGreaterThan(0);
        else expect([after, status, first.text]).toEqual([after, succeedsWith, expect.anything()]);
        // Who was told 503 asks again; a session may still be held for the one that broke.
        const allowed = status === 503 ? [succeedsWith, ...againWith] : [];
        if (status === 503) await eventually(async () => expect(allowed).toContain((await ask(direct)).status));
        await connected();
      }
    });
  });

  /** Connections that broke a moment ago leave the pool when their end is heard. */
  async function connected(): Promise<void> {
    await eventually(async () => {
      const pings = Array.from({ length: Number(POOL_SIZE) }, () => client.get(`${REPOSITORY}/tags/list`));
      for (const { status } of await Promise.all(pings)) expect(status).toBe(200);
    });
  }
});

async function sessionOf(client: HttpClient): Promise<string> {
  const { status, headers } = await client.post(`${REPOSITORY}/blobs/uploads/`);
  if (status !== 202) throw new Error(`POST upload: ${status}`);
  return headers.location ?? '';
}

function saltedManifest(): string {
  return manifestOf({ annotations: { salt: randomBytes(8).toString('hex') } });
}
