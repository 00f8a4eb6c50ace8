import { Role } from '@breakwater/rbac';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Pusher } from '../../testing/pusher.js';
import { createTestCore, type TestCore } from '../../testing/test-core.js';

let core: TestCore;
let pusher: Pusher;
beforeAll(async () => {
  core = await createTestCore();
  pusher = new Pusher(core.services);
  for (const name of ['ann', 'bob']) await core.addUser(name);
});
afterAll(() => core.close());

const error = (code: string, message: unknown = expect.any(String)): object => ({ errors: [{ code, message }] });
const TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);

describe('POST /projects', () => {
  it('makes a project of which the caller is owner and administrator', async () => {
    const made = await core.as('ann').post('/projects', { project_name: 'made', metadata: { public: 'true' } });
    expect([made.status, made.text]).toEqual([201, '']);
    const path = String(made.headers['location']);
    expect(path).toMatch(/^\/api\/v2\.0\/projects\/\d+$/);
    const { body } = await core.as('ann').get<{ project_id: number }>(path);
    expect(body).toEqual({
      project_id: Number(path.split('/').at(-1)),
      owner_id: expect.any(Number),
      owner_name: 'ann',
      name: 'made',
      creation_time: TIME,
      update_time: TIME,
      current_user_role_id: 1,
      current_user_role_ids: [1],
      repo_count: 0,
      metadata: { public: 'true' },
      cve_allowlist: {
        id: expect.any(Number),
        project_id: body.project_id,
        items: [],
        creation_time: '0001-01-01T00:00:00.000Z',
        update_time: '0001-01-01T00:00:00.000Z',
      },
    });
    expect((await core.as('ann').get(`${path}/members`)).body).toMatchObject([{ entity_name: 'ann', role_id: 1 }]);
  });

  it('answers with the name in the path when asked to', async () => {
    const headers = { 'x-resource-name-in-location': 'true' };
    const made = await core.as('ann').post('/projects', { project_name: 'by-name' }, headers);
    expect(made.headers['location']).toBe('/api/v2.0/projects/by-name');
  });

  it('keeps what it was given', async () => {
    const project = {
      project_name: 'given',
      public: true,
      metadata: { severity: 'Negligible', auto_scan: 'T', proxy_speed_kb: '7', unheard_of: 'x' },
      cve_allowlist: { items: [{ cve_id: 'CVE-2026-1' }], expires_at: 1_900_000_000 },
      storage_limit: -1,
      unheard_of: 7,
    };
    expect((await core.admin.post('/projects', project)).status).toBe(201);
    expect((await core.admin.get('/projects/given')).body).toMatchObject({
      metadata: { public: 'true', severity: 'none', auto_scan: 'true' },
      cve_allowlist: { items: [{ cve_id: 'CVE-2026-1' }], expires_at: 1_900_000_000 },
    });
  });

  it.each([
    [{ project_name: 'Upper' }, 400, 'BAD_REQUEST'],
    [{ project_name: '' }, 400, 'BAD_REQUEST'],
    [{}, 400, 'BAD_REQUEST'],
    [{ project_name: 'x', metadata: { public: 'yes' } }, 400, 'BAD_REQUEST'],
    [{ project_name: 'x', metadata: { retention_id: '3' } }, 400, 'BAD_REQUEST'],
    [{ project_name: 'x', storage_limit: -2 }, 400, 'BAD_REQUEST'],
    [{ project_name: 'x', registry_id: 0 }, 400, 'BAD_REQUEST'],
    [{ project_name: 'x', registry_id: 9 }, 400, 'BAD_REQUEST'],
    [{ project_name: 'x', cve_allowlist: { items: [{ cve_id: ' ' }] } }, 400, 'BAD_REQUEST'],
    [{ project_name: 'taken' }, 409, 'CONFLICT'],
    [{ project_name: 7 }, 422, 'UNPROCESSABLE_ENTITY'],
    [{ project_name: 'x'.repeat(256) }, 422, 'UNPROCESSABLE_ENTITY'],
    [{ project_name: 'x', metadata: { public: true } }, 422, 'UNPROCESSABLE_ENTITY'],
    [{ project_name: 'x', cve_allowlist: { items: 'all' } }, 422, 'UNPROCESSABLE_ENTITY'],
  ])('refuses %j: %p %p', async (body, status, code) => {
    await core.admin.post('/projects', { project_name: 'taken' });
    const answer = await core.admin.post('/projects', body);
    expect([answer.status, answer.body]).toEqual([status, error(code)]);
    expect((await core.admin.get('/projects/x')).status).toBe(404);
  });

  it('lets only administrators ask for a cache of a registry', async () => {
    const answer = await core.as('ann').post('/projects', { project_name: 'cache', registry_id: 1 });
    expect(answer.status).toBe(403);
    expect((await core.anonymous.post('/projects', { project_name: 'nobodys' })).status).toBe(401);
  });
});

describe('GET /projects', () => {
  beforeAll(async () => {
    await core.addProject('list-open', { isPublic: true });
    await core.addProject('list-anns', { members: { ann: Role.guest } });
    await core.addProject('list-hidden');
    await core.admin.post('/projects', { project_name: 'list-admins', metadata: { public: 'false' } });
    await pusher.image('list-open/app', { tags: ['v1'] });
  });
  const names = async (query: string, caller = core.admin): Promise<string[]> =>
    (await caller.get<{ name: string }[]>(`/projects?name=list-&${query}`)).body.map(({ name }) => name);

  it('shows what the caller may see, by name', async () => {
    expect(await names('')).toEqual(['list-admins', 'list-anns', 'list-hidden', 'list-open']);
    expect(await names('', core.as('ann'))).toEqual(['list-anns', 'list-open']);
    expect(await names('', core.anonymous)).toEqual(['list-open']);
    expect(await names('public=false', core.anonymous)).toEqual([]);
    expect(await names('public=false', core.as('ann'))).toEqual(['list-anns']);
  });

  it('filters, sorts and pages', async () => {
    expect(await names('public=true')).toEqual(['list-open']);
    expect(await names('owner=admin')).toHaveLength(4);
    expect(await names('owner=bob')).toEqual([]);
    expect(await names('owner=nobody')).toEqual([]);
    expect(await names('q=name%3D~HIDD')).toEqual(['list-hidden']);
    expect(await names('q=name%3Dlist-open,public%3Dfalse')).toEqual([]);
    expect(await names('q=owner%3Dbob')).toEqual([]);
    expect(await names('sort=-name')).toEqual(['list-open', 'list-hidden', 'list-anns', 'list-admins']);
    const { body, headers } = await core.admin.get<{ name: string }[]>('/projects?name=list-&page=2&page_size=3');
    expect(body.map(({ name }) => name)).toEqual(['list-open']);
    expect(headers['x-total-count']).toBe('4');
    expect(headers['link']).toBe('</api/v2.0/projects?name=list-&page=1&page_size=3>; rel="prev"');
  });

  it('counts repositories, tells one’s role, and leaves out details when told to', async () => {
    const [open] = (await core.admin.get<object[]>('/projects?name=list-open')).body;
    expect(open).toMatchObject({ repo_count: 1, current_user_role_ids: null, owner_name: 'admin' });
    expect(open).not.toHaveProperty('current_user_role_id');
    const [own] = (await core.as('ann').get<object[]>('/projects?name=list-anns&with_detail=false')).body;
    expect(own).toMatchObject({ current_user_role_id: 3, current_user_role_ids: [3] });
    for (const detail of ['metadata', 'cve_allowlist', 'owner_name']) expect(own).not.toHaveProperty(detail);
  });

  it.each(['q=name', 'q=project_id%3Dx', 'page_size=101', 'page=x', 'public=perhaps'])('refuses %s', async (query) => {
    expect((await core.admin.get(`/projects?${query}`)).status).toBe(query.startsWith('q=') ? 400 : 422);
  });
});

describe('HEAD /projects', () => {
  it('tells whether there is one of the name', async () => {
    await core.addProject('heads');
    const head = (name: string, caller = core.as('bob')) => caller.send('HEAD', `/projects?project_name=${name}`);
    expect((await head('heads')).status).toBe(200);
    expect((await head('none')).status).toBe(404);
    expect((await head('heads', core.anonymous)).status).toBe(401);
    expect((await core.admin.send('HEAD', '/projects')).status).toBe(422);
  });
});

describe('a project', () => {
  it('is changed by its administrators: what is given, and nothing else', async () => {
    await core.addProject('changing', { members: { ann: Role.projectAdmin, bob: Role.maintainer } });
    const change = { metadata: { public: 'true', auto_scan: 'true' }, cve_allowlist: { items: [{ cve_id: 'CVE-1' }] } };
    expect((await core.as('bob').put('/projects/changing', change)).status).toBe(403);
    expect((await core.as('ann').put('/projects/changing', change)).status).toBe(200);
    expect((await core.as('ann').put('/projects/changing', { metadata: { auto_scan: 'false' } })).status).toBe(200);
    expect((await core.anonymous.get('/projects/changing')).body).toMatchObject({
      metadata: { public: 'true', auto_scan: 'false' },
      cve_allowlist: { items: [{ cve_id: 'CVE-1' }] },
    });
    for (const wrong of [
      { metadata: { severity: 'awful' } },
      { metadata: { retention_id: '4' } },
      { cve_allowlist: { project_id: 999, items: [] } },
    ])
      expect((await core.as('ann').put('/projects/changing', wrong)).body).toEqual(error('BAD_REQUEST'));
    expect((await core.as('ann').put('/projects/changing', { metadata: 'all' })).status).toBe(422);
  });

  it('can be deleted once it has no repositories', async () => {
    const { id } = await core.addProject('ending', { members: { ann: Role.projectAdmin } });
    await pusher.image('ending/app');
    const refused = 'the project contains repositories, can not be deleted';
    expect((await core.as('ann').get('/projects/ending/_deletable')).body).toEqual({
      deletable: false,
      message: refused,
    });
    expect((await core.as('ann').delete('/projects/ending')).body).toEqual(error('PRECONDITION', refused));
    expect((await core.as('ann').delete('/projects/ending/repositories/app')).status).toBe(200);
    expect((await core.as('ann').get(`/projects/${id}/_deletable`)).body).toEqual({ deletable: true });
    expect((await core.as('ann').delete(`/projects/${id}`)).status).toBe(200);
    expect((await core.as('ann').get('/projects/ending')).status).toBe(403);
    expect((await core.admin.get('/projects/ending')).status).toBe(404);
  });

  it('tells how much is in it, and of members whom that concerns', async () => {
    await core.addProject('summed', { isPublic: true, members: { ann: Role.projectAdmin, bob: Role.limitedGuest } });
    await pusher.image('summed/app');
    expect((await core.as('ann').get('/projects/summed/summary')).body).toEqual({
      repo_count: 1,
      project_admin_count: 1,
      limited_guest_count: 1,
    });
    for (const caller of [core.as('bob'), core.anonymous])
      expect((await caller.get('/projects/summed/summary')).body).toEqual({ repo_count: 1 });
  });
});

describe('/projects/{project}/metadatas', () => {
  const path = (name = ''): string => `/projects/settings/metadatas/${name}`;
  beforeAll(() => core.addProject('settings', { members: { ann: Role.projectAdmin, bob: Role.maintainer } }));

  it('is read, written and removed entry by entry', async () => {
    const ann = core.as('ann');
    expect((await ann.post(path(), { prevent_vul: 'true' })).status).toBe(200);
    expect((await ann.get(path('prevent_vul'))).body).toEqual({ prevent_vul: 'true' });
    expect((await ann.put(path('prevent_vul'), { prevent_vul: '0' })).status).toBe(200);
    expect((await core.as('bob').get(path('prevent_vul'))).body).toEqual({ prevent_vul: 'false' });
    expect((await ann.delete(path('prevent_vul'))).status).toBe(200);
    expect((await ann.get(path('prevent_vul'))).body).toEqual({});
    expect((await ann.get(path('__proto__'))).body).toEqual({});
    expect((await ann.put(path('severity'), { severity: 'high' })).status).toBe(200);
    expect((await core.admin.get(path())).body).toEqual({ public: 'false', severity: 'high' });
    expect((await ann.get(path())).status).toBe(403);
  });

  it.each([
    [{ prevent_vul: 'true', auto_scan: 'true' }, 400],
    [{}, 400],
    [undefined, 400],
    [{ unheard_of: 'x' }, 400],
    [{ auto_scan: 'x' }, 400],
    [{ auto_scan: true }, 422],
    [['auto_scan'], 422],
    [{ public: 'true' }, 409],
  ])('refuses %j: %p', async (body, status) => {
    expect((await core.as('ann').post(path(), body)).status).toBe(status);
  });
});
