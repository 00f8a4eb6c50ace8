import { holdsWithin } from '@breakwater/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { CONFIG, digestOf, HttpClient, LAYER, manifestOf, OCI_MANIFEST, type Answer } from '../testing/http-client.js';
import { RegistryHarness, ROLE, type TestProject, type TestUser } from '../testing/registry-harness.js';

let harness: RegistryHarness;
let port: number;
let team: TestProject;
let open: TestProject;
let developer: TestUser;
let stranger: TestUser;
const clients: HttpClient[] = [];
const manifest = manifestOf();
const unknown = `sha256:${'0'.repeat(64)}`;

beforeAll(async () => {
  harness = await RegistryHarness.create();
  team = await harness.project('team');
  open = await harness.project('open', { isPublic: true });
  developer = await harness.user({ [team.id]: ROLE.developer, [open.id]: ROLE.developer });
  stranger = await harness.user();
  port = await harness.start();
  for (const repository of ['team/app', 'open/app']) await as(developer.basic).pushArtifact(repository, 'v1');
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

async function withToken(user: TestUser | null, ...scopes: string[]): Promise<HttpClient> {
  return as(await harness.token(user, ...scopes));
}

const challengeOf = (answer: Answer): string => String(answer.headers['www-authenticate']);
const realm = (): string => `Bearer realm="http://127.0.0.1:${port}/service/token",service="harbor-registry"`;

describe('without credentials', () => {
  it('GET /v2/ is 401 with a challenge, although some projects are public', async () => {
    const answer = await as(null).get('/v2/');
    expect(answer.status).toBe(401);
    expect(challengeOf(answer)).toBe(realm());
    expect(answer.headers['docker-distribution-api-version']).toBe('registry/2.0');
    expect(answer.json()).toMatchObject({ errors: [{ code: 'UNAUTHORIZED' }] });
  });

  it.each([
    ['GET', '/v2/open/app/manifests/v1', 'repository:open/app:pull'],
    ['HEAD', '/v2/open/app/manifests/v1', 'repository:open/app:pull'],
    ['GET', `/v2/open/app/blobs/${unknown}`, 'repository:open/app:pull'],
    ['GET', '/v2/open/app/tags/list', 'repository:open/app:pull'],
    ['GET', `/v2/open/app/referrers/${unknown}`, 'repository:open/app:pull'],
    ['PUT', '/v2/team/app/manifests/v1', 'repository:team/app:pull,push'],
    ['POST', '/v2/team/app/blobs/uploads/', 'repository:team/app:pull,push'],
    [
      'POST',
      `/v2/team/app/blobs/uploads/?mount=${unknown}&from=open/app`,
      'repository:team/app:pull,push repository:open/app:pull',
    ],
    ['DELETE', `/v2/team/app/manifests/${unknown}`, 'repository:team/app:delete'],
    ['DELETE', `/v2/team/app/blobs/${unknown}`, 'repository:team/app:delete'],
    ['DELETE', '/v2/team/app/blobs/uploads/0197c2a8-0000-7000-8000-000000000000', 'repository:team/app:pull,push'],
    ['GET', '/v2/_catalog', 'registry:catalog:*'],
    ['GET', '/v2/nowhere/app/manifests/v1', 'repository:nowhere/app:pull'],
  ])('%s %s asks for %s', async (method, path, scope) => {
    const answer = await as(null).send(method, path, {});
    expect([answer.status, challengeOf(answer)]).toEqual([401, `${realm()},scope="${scope}"`]);
  });

  it('takes an empty user with an empty password for none', async () => {
    const answer = await as('Basic Og==').get('/v2/open/app/manifests/v1');
    expect([answer.status, challengeOf(answer)]).toEqual([401, `${realm()},scope="repository:open/app:pull"`]);
  });

  it('has one challenge, for clients that read the first only', async () => {
    const answer = await as(null).get('/v2/');
    expect(answer.rawHeaders.filter((name) => /^www-authenticate$/i.test(name))).toHaveLength(1);
  });
});

describe('Basic credentials', () => {
  it('work directly, with all the rights of the account', async () => {
    expect((await as(developer.basic).get('/v2/')).status).toBe(200);
    expect((await as(developer.basic).get('/v2/team/app/manifests/v1')).text).toBe(manifest);
  });

  it('that are wrong are 401, on a public project as well: nobody becomes anonymous by a typo', async () => {
    const wrong = `Basic ${Buffer.from(`${developer.name}:wrong`).toString('base64')}`;
    for (const path of ['/v2/', '/v2/open/app/manifests/v1']) expect((await as(wrong).get(path)).status).toBe(401);
  });

  it.each(['Basic !!!', 'Digest username="x"', 'Bearer not.a.token', 'nonsense'])(
    '%s is 401',
    async (authorization) => {
      expect((await as(authorization).get('/v2/open/app/manifests/v1')).status).toBe(401);
    },
  );

  it('end with the password', async () => {
    const user = await harness.user({ [team.id]: ROLE.guest });
    expect((await as(user.basic).get('/v2/')).status).toBe(200);
    const system = { kind: 'system', name: 'test' } as const;
    await harness.accounts.accounts.setDisabled(system, user.id, true);
    await expectSoon(async () => (await as(user.basic).get('/v2/')).status, 401);
  });
});

describe('tokens', () => {
  it('let their account in at /v2/, and an anonymous one not: clients test credentials there', async () => {
    expect((await (await withToken(developer)).get('/v2/')).json()).toEqual({});
    const answer = await (await withToken(null)).get('/v2/');
    expect([answer.status, challengeOf(answer)]).toEqual([401, realm()]);
  });

  it('of nobody pull what is public and nothing else', async () => {
    const anonymous = await withToken(null, 'repository:open/app:pull,push', 'repository:team/app:pull');
    expect((await anonymous.get('/v2/open/app/manifests/v1')).status).toBe(200);
    expect((await anonymous.get('/v2/team/app/manifests/v1')).status).toBe(401);
    expect((await anonymous.post('/v2/open/app/blobs/uploads/')).status).toBe(401);
  });

  it('allow what they were made for: insufficient_scope, and a challenge to ask for more with', async () => {
    const pull = await withToken(developer, 'repository:team/app:pull');
    expect((await pull.get('/v2/team/app/manifests/v1')).status).toBe(200);
    const answer = await pull.post('/v2/team/app/blobs/uploads/');
    expect([answer.status, challengeOf(answer)]).toEqual([
      401,
      `${realm()},scope="repository:team/app:pull,push",error="insufficient_scope"`,
    ]);
    expect((await pull.get('/v2/team/other/tags/list')).status).toBe(401);
  });

  it('never allow more than their account may now', async () => {
    const member = await harness.user({ [team.id]: ROLE.developer });
    const client = await withToken(member, 'repository:team/app:pull,push');
    expect((await client.get('/v2/team/app/manifests/v1')).status).toBe(200);
    const [row] = await harness.database.rows<{ id: number }>(
      'DELETE FROM project_member WHERE entity_id = $1 RETURNING id',
      [member.id],
    );
    expect(row).toBeDefined();
    await expectSoon(async () => (await client.get('/v2/team/app/manifests/v1')).status, 401);
  });

  it('end with their project, although another one gets its name', async () => {
    const first = await harness.project('again');
    const owner = await harness.user({ [first.id]: ROLE.admin });
    const client = await withToken(owner, 'repository:again/app:pull,push');
    expect((await client.post('/v2/again/app/blobs/uploads/')).status).toBe(202);
    await harness.database.rows('DELETE FROM upload');
    await harness.database.rows(`DELETE FROM repository WHERE name = 'again/app'`);
    await harness.database.rows('DELETE FROM project WHERE id = $1', [first.id]);
    const second = await harness.project('again');
    await harness.database.rows(
      `INSERT INTO project_member (project_id, entity_type, entity_id, role_id) VALUES ($1, 'u', $2, 1)`,
      [second.id, owner.id],
    );
    const challenge = async (): Promise<string> => challengeOf(await client.get('/v2/again/app/tags/list'));
    await expectSoon(challenge, `${realm()},scope="repository:again/app:pull",error="invalid_token"`);
    const renewed = await withToken(owner, 'repository:again/app:pull');
    expect((await renewed.get('/v2/again/app/tags/list')).status).toBe(404);
  });

  it('that are not ours are invalid_token, whatever is wrong with them', async () => {
    const [, payload, signature] = (await harness.token(developer, 'repository:team/app:pull')).split('.');
    const none = Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url');
    for (const token of [`${none}.${payload}.`, `${none}.${payload}.${signature}`, 'a.b.c', 'x']) {
      const answer = await as(`Bearer ${token}`).get('/v2/team/app/manifests/v1');
      expect([answer.status, challengeOf(answer)]).toEqual([
        401,
        `${realm()},scope="repository:team/app:pull",error="invalid_token"`,
      ]);
    }
  });

  it('go on with an open session although their scopes do not say so: a long push outlives them', async () => {
    const opened = await (await withToken(developer, 'repository:team/app:push')).post('/v2/team/app/blobs/uploads/');
    const later = await withToken(developer);
    expect((await later.patch(opened.headers.location ?? '', { body: 'x' })).status).toBe(202);
    const somebody = await harness.user({ [team.id]: ROLE.developer });
    expect((await (await withToken(somebody)).patch(opened.headers.location ?? '', { body: 'x' })).status).toBe(404);
  });

  it('need push alone to cancel: clients cancel with the token they push with', async () => {
    const pusher = await withToken(developer, 'repository:team/app:pull,push');
    const opened = await pusher.post('/v2/team/app/blobs/uploads/');
    expect((await pusher.delete(opened.headers.location ?? '')).status).toBe(204);
  });

  it('mount from where the account may read, although the token does not name it', async () => {
    const pusher = await withToken(developer, 'repository:open/app:push');
    await as(developer.basic).pushBlob('team/app', LAYER);
    const answer = await pusher.post(`/v2/open/new/blobs/uploads/?mount=${digestOf(LAYER)}&from=team/app`);
    expect(answer.status).toBe(401);
    const scoped = await withToken(developer, 'repository:open/new:pull,push');
    expect((await scoped.post(`/v2/open/new/blobs/uploads/?mount=${digestOf(LAYER)}&from=team/app`)).status).toBe(201);
  });
});

describe('what a private project and a missing one tell a stranger', () => {
  const requests: [string, string][] = [
    ['GET', 'manifests/v1'],
    ['HEAD', 'manifests/v1'],
    ['GET', `blobs/${digestOf(CONFIG)}`],
    ['GET', 'tags/list'],
    ['GET', `referrers/${unknown}`],
    ['POST', 'blobs/uploads/'],
    ['PUT', 'manifests/v1'],
    ['DELETE', 'manifests/v1'],
  ];

  it.each(requests)('%s %s is the same', async (method, rest) => {
    const told = async (client: HttpClient, project: string): Promise<unknown> => {
      const body = method === 'PUT' ? { body: manifest, headers: { 'Content-Type': OCI_MANIFEST } } : {};
      const answer = await client.send(method, `/v2/${project}/app/${rest}`, body);
      return [answer.status, answer.text, challengeOf(answer)].map((each) => String(each).replaceAll(project, 'NAME'));
    };
    const scope = (project: string): string => `repository:${project}/app:pull,push,delete`;
    for (const client of [
      as(stranger.basic),
      await withToken(stranger, scope('team'), scope('nowhere')),
      await withToken(null),
    ]) {
      const theirs = await told(client, 'team');
      expect(theirs).toEqual(await told(client, 'nowhere'));
      expect((theirs as string[])[0]).toBe('401');
    }
  });

  it('an administrator is told the truth', async () => {
    const answer = await as(harness.admin.basic).get('/v2/nowhere/app/tags/list');
    expect([answer.status, answer.json()]).toMatchObject([404, { errors: [{ code: 'NAME_UNKNOWN' }] }]);
  });

  it('a name without a project is in none: it is not the project of that name', async () => {
    expect((await as(developer.basic).get('/v2/team/tags/list')).status).toBe(401);
    expect((await as(harness.admin.basic).post('/v2/team/blobs/uploads/')).status).toBe(404);
  });

  it('says who would have the right', async () => {
    const guest = await harness.user({ [team.id]: ROLE.guest });
    const answer = await as(guest.basic).post('/v2/team/app/blobs/uploads/');
    expect(answer.text).toContain('repository:push');
    expect(answer.text).toContain('developer');
  });
});

describe('rights that begin, without a notice of it', () => {
  it('a new member may at once what was refused a moment ago', async () => {
    const late = await harness.user();
    const client = as(late.basic);
    expect((await client.get('/v2/team/app/manifests/v1')).status).toBe(401);
    await harness.database.rows(
      `INSERT INTO project_member (project_id, entity_type, entity_id, role_id) VALUES ($1, 'u', $2, $3)`,
      [team.id, late.id, ROLE.guest],
    );
    expect((await client.get('/v2/team/app/manifests/v1')).status).toBe(200);
    expect((await client.post('/v2/team/app/blobs/uploads/')).status).toBe(401);
  });

  it('a project that is public now is so to whom it was refused a moment ago', async () => {
    const opening = await harness.project('opening');
    const maker = await harness.user({ [opening.id]: ROLE.developer });
    await as(maker.basic).pushArtifact('opening/app', 'v1');
    const anybody = as(stranger.basic);
    expect((await anybody.get('/v2/opening/app/manifests/v1')).status).toBe(401);
    await harness.database.rows('UPDATE project SET is_public = true WHERE id = $1', [opening.id]);
    expect((await anybody.get('/v2/opening/app/manifests/v1')).status).toBe(200);
  });
});

describe('every verb as every role', () => {
  const verbs: [string, string, string][] = [
    ['GET', 'manifests/v1', 'pull'],
    ['GET', 'tags/list', 'pull'],
    ['POST', 'blobs/uploads/', 'push'],
    ['DELETE', `manifests/${unknown}`, 'delete'],
  ];
  const may: Record<keyof typeof ROLE, string[]> = {
    admin: ['pull', 'push', 'delete'],
    maintainer: ['pull', 'push', 'delete'],
    developer: ['pull', 'push'],
    guest: ['pull'],
    limitedGuest: ['pull'],
  };

  it.each(Object.entries(ROLE))('%s', async (role, roleId) => {
    const user = await harness.user({ [team.id]: roleId });
    for (const client of [as(user.basic), await withToken(user, 'repository:team/app:pull,push,delete')]) {
      for (const [method, rest, action] of verbs) {
        const { status } = await client.send(method, `/v2/team/app/${rest}`, {});
        expect([role, method, rest, status === 401]).toEqual([
          role,
          method,
          rest,
          !may[role as keyof typeof ROLE].includes(action),
        ]);
      }
    }
  });
});

describe('the realm', () => {
  let behind: number;
  beforeEach(async () => {
    behind = await harness.start({ environment: { BREAKWATER_TRUSTED_PROXIES: '127.0.0.0/8' } });
  });

  it('is what a trusted proxy says, port and scheme included, and Location does not care', async () => {
    const client = new HttpClient(behind, developer.basic);
    clients.push(client);
    const headers = { 'X-Forwarded-Proto': 'https', 'X-Forwarded-Host': 'hub.example:8443' };
    const refused = await new HttpClient(behind, null).get('/v2/', headers);
    expect(challengeOf(refused)).toContain('realm="https://hub.example:8443/service/token"');
    const opened = await client.post('/v2/team/app/blobs/uploads/', { headers });
    expect(opened.headers.location).toMatch(/^\/v2\/team\/app\/blobs\/uploads\//);
  });

  it('is not what anybody else says', async () => {
    const answer = await as(null).get('/v2/', { 'X-Forwarded-Proto': 'https', 'X-Forwarded-Host': 'evil.example' });
    expect(challengeOf(answer)).toBe(realm());
  });

  it('is the configured address wherever there is one', async () => {
    const configured = await harness.start({ environment: { BREAKWATER_PUBLIC_URL: 'https://registry.example.com' } });
    const answer = await new HttpClient(configured, null).get('/v2/', { Host: 'evil.example' });
    expect(challengeOf(answer)).toContain('realm="https://registry.example.com/service/token"');
  });

  it('is not made of a host that is none', async () => {
    const answer = await as(null).get('/v2/', { Host: 'a"b' });
    expect(challengeOf(answer)).toBe('Basic realm="breakwater"');
  });
});

/** Rights are believed for two seconds where the notice of their change is lost, as it is here. */
async function expectSoon(observe: () => Promise<unknown>, expected: unknown): Promise<void> {
  await holdsWithin(2_500, async () => (await observe()) === expected);
}
