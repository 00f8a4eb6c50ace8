import type { PullCredential } from '@breakwater/accounts';
import { RepositoryName } from '@breakwater/oci';
import { eventually } from '@breakwater/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CONFIG, digestOf, HttpClient, LAYER, manifestOf, OCI_MANIFEST } from '../testing/http-client.js';
import { RegistryHarness, type TestProject } from '../testing/registry-harness.js';

let harness: RegistryHarness;
let port: number;
let guarded: TestProject;
const clients: HttpClient[] = [];
const APP = RepositoryName.parse('guarded/app');
const manifest = manifestOf();

beforeAll(async () => {
  harness = await RegistryHarness.create();
  guarded = await harness.project('guarded', { metadata: { prevent_vul: 'true', severity: 'low' } });
  await harness.project('open', { isPublic: true });
  port = await harness.start();
  const admin = as(harness.admin.basic);
  for (const repository of ['guarded/app', 'guarded/app/deeper', 'guarded/ap', 'open/app'])
    await admin.pushArtifact(repository, 'v1', manifest);
});
afterAll(async () => {
  for (const client of clients) client.close();
  await harness.close();
});

function as(authorization: string | null): HttpClient {
  const client = new HttpClient(port, authorization);
  clients.push(client);
  return client;
}

async function credential(holder = 'task:1'): Promise<PullCredential> {
  const [project] = await harness.database.rows<{ incarnation: string }>(
    'SELECT incarnation FROM project WHERE id = $1',
    [guarded.id],
  );
  return harness.accounts.pullCredentials.issue({
    ...{ projectId: guarded.id, projectIncarnation: project?.incarnation ?? '', repository: APP },
    ...{ ttlSeconds: 900, holder },
  });
}

const basicOf = ({ username, secret }: PullCredential): string =>
  `Basic ${Buffer.from(`${username}:${secret}`).toString('base64')}`;

/** As scanners come: with Basic as it is, and with a token that they or core fetched with it. */
async function scanners(holder?: string): Promise<[string, HttpClient][]> {
  const basic = basicOf(await credential(holder));
  const scope = 'repository:guarded/app:pull,push,delete repository:open/app:pull registry:catalog:*';
  const token = await harness.tokenServer.tokenFor(basic, [scope]);
  return [
    ['Basic', as(basic)],
    ['Bearer', as(`Bearer ${token}`)],
  ];
}

describe('a scan', () => {
  it('pulls its repository past the policy that holds everybody else back, and nobody counts it', async () => {
    expect((await as(harness.admin.basic).get('/v2/guarded/app/manifests/v1')).status).toBe(412);
    for (const [how, scanner] of await scanners()) {
      const pulled = [
        await scanner.get('/v2/'),
        await scanner.get('/v2/guarded/app/manifests/v1'),
        await scanner.head(`/v2/guarded/app/manifests/${digestOf(manifest)}`),
        await scanner.get(`/v2/guarded/app/manifests/${digestOf(manifest)}`),
        await scanner.get(`/v2/guarded/app/blobs/${digestOf(CONFIG)}`),
        await scanner.get(`/v2/guarded/app/blobs/${digestOf(LAYER)}`),
      ];
      expect([how, ...pulled.map(({ status }) => status)]).toEqual([how, 200, 200, 200, 200, 200, 200]);
    }
    const counted = await pullsOf('open/app', async () => {
      await as(harness.admin.basic).get('/v2/open/app/manifests/v1');
    });
    expect(counted).toBe(1); // what the recorder wrote by now has the scan's pulls too, if it noted them
    expect(await pulls('guarded/app')).toBe(0);
  });

  it('pulls nothing else, not even what everybody may', async () => {
    for (const [how, scanner] of await scanners()) {
      const refused = [
        await scanner.get('/v2/guarded/ap/manifests/v1'),
        await scanner.get('/v2/guarded/app/deeper/manifests/v1'),
        await scanner.get(`/v2/guarded/ap/blobs/${digestOf(LAYER)}`),
        await scanner.get('/v2/open/app/manifests/v1'),
        await scanner.get('/v2/open/app/tags/list'),
        await scanner.get('/v2/_catalog'),
        await scanner.get('/v2/missing/app/manifests/v1'),
      ];
      expect([how, ...refused.map(({ status }) => status)]).toEqual([how, 401, 401, 401, 401, 401, 401, 401]);
    }
  });

  it('writes nothing', async () => {
    for (const [how, scanner] of await scanners()) {
      const refused = [
        await scanner.post('/v2/guarded/app/blobs/uploads/'),
        await scanner.post(`/v2/guarded/app/blobs/uploads/?mount=${digestOf(LAYER)}&from=guarded/app`),
        await scanner.put('/v2/guarded/app/manifests/v2', {
          body: manifest,
          headers: { 'Content-Type': OCI_MANIFEST },
        }),
        await scanner.delete('/v2/guarded/app/manifests/v1'),
        await scanner.delete(`/v2/guarded/app/blobs/${digestOf(LAYER)}`),
      ];
      expect([how, ...refused.map(({ status }) => status)]).toEqual([how, 401, 401, 401, 401, 401]);
    }
  });

  it('is over within seconds of being revoked, for its tokens too', async () => {
    const both = await scanners('task:over');
    for (const [, scanner] of both) expect((await scanner.get('/v2/guarded/app/manifests/v1')).status).toBe(200);
    await harness.accounts.pullCredentials.revoke('task:over');
    await eventually(async () => {
      for (const [, scanner] of both) expect((await scanner.get('/v2/guarded/app/manifests/v1')).status).toBe(401);
    });
  });
});

async function pulls(repository: string): Promise<number> {
  const [row] = await harness.database.rows<{ count: number }>(
    'SELECT pull_count::integer AS count FROM repository WHERE name = $1',
    [repository],
  );
  return row?.count ?? -1;
}

/** How many more there are, once they are written down. */
async function pullsOf(repository: string, work: () => Promise<void>): Promise<number> {
  const before = await pulls(repository);
  await work();
  await eventually(async () => expect(await pulls(repository)).toBeGreaterThan(before));
  return (await pulls(repository)) - before;
}
