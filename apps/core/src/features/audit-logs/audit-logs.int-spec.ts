import { Role } from '@breakwater/rbac';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Caller } from '../../testing/caller.js';
import { startMetadataServer } from '../../testing/metadata-server.js';
import { PASSWORD, createTestCore, type TestCore } from '../../testing/test-core.js';

let core: TestCore;
let team: { id: number; name: string };
beforeAll(async () => {
  core = await createTestCore();
  for (const name of ['ann', 'bob', 'dora']) await core.addUser(name);
  team = await core.addProject('team', { members: { ann: Role.projectAdmin, bob: Role.maintainer } });
  await core.addProject('other', { members: { dora: Role.projectAdmin } });
  await core.as('ann').put('/projects/team/metadatas/auto_scan', { auto_scan: 'true' });
});
afterAll(() => core.close());

type Row = Readonly<Record<string, unknown>>;
const TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
const rowsOf = async (path: string, caller = core.admin): Promise<Row[]> => (await caller.get<Row[]>(path)).body;
const descriptions = async (path: string, caller = core.admin): Promise<unknown[]> =>
  (await rowsOf(path, caller)).map((row) => row['operation_description']);

describe('GET /projects/{project}/auditlog-exts', () => {
  it('shows who did what, the newest first', async () => {
    const { body, headers } = await core.as('ann').get<Row[]>('/projects/team/auditlog-exts');
    expect(body[0]).toEqual({
      id: expect.any(Number),
      username: 'ann',
      resource: 'team',
      resource_type: 'project',
      operation: 'update',
      operation_description: 'update project: team',
      operation_result: true,
      op_time: TIME,
    });
    expect(body.slice(1).map((row) => row['operation_description'])).toEqual([
      'create user member bob in project team',
      'create user member ann in project team',
    ]);
    expect(headers['x-total-count']).toBe('3');
  });

  it('filters by what Harbor filters by, sorts by time, and pages', async () => {
    const path = '/projects/team/auditlog-exts';
    expect(await descriptions(`${path}?q=resource_type%3Dmember,resource%3D~BO`)).toEqual([
      'create user member bob in project team',
    ]);
    expect(await descriptions(`${path}?q=operation%3Dupdate,username%3Dann`)).toHaveLength(1);
    expect(await descriptions(`${path}?q=op_time%3D%5B2000-01-01T00:00:00~2001-01-01T00:00:00%5D`)).toEqual([]);
    expect((await rowsOf(`${path}?sort=op_time`)).at(-1)).toMatchObject({ operation: 'update' });
    const { headers } = await core.as('ann').get(`${path}?page_size=2`);
    expect(headers['link']).toBe('</api/v2.0/projects/team/auditlog-exts?page=2&page_size=2>; rel="next"');
    expect((await core.admin.get(`${path}?q=op_time%3Dyesterday`)).status).toBe(400);
  });

  it('is for who administers the project', async () => {
    for (const operation of ['logs', 'auditlog-exts']) {
      expect((await core.as('bob').get(`/projects/team/${operation}`)).status).toBe(403);
      expect((await core.as('dora').get(`/projects/team/${operation}`)).status).toBe(403);
    }
  });

  it('does not show a project what one of its name did before it', async () => {
    await core.admin.post('/projects', { project_name: 'again' });
    await core.admin.delete('/projects/again');
    await core.admin.post('/projects', { project_name: 'again' });
    expect(await descriptions('/projects/again/auditlog-exts')).toEqual(['create project: again']);
    expect(await descriptions('/auditlog-exts?q=resource%3Dagain')).toEqual([
      'create project: again',
      'delete project: again',
      'create project: again',
    ]);
  });
});

describe('GET /auditlog-exts', () => {
  const projectsSeenBy = async (caller: Caller): Promise<unknown[]> =>
    (await rowsOf('/auditlog-exts?page_size=100', caller)).map((row) => row['resource']);

  it('shows everything to an administrator', async () => {
    const seen = await projectsSeenBy(core.admin);
    for (const resource of ['ann', 'team', 'dora']) expect(seen).toContain(resource);
  });

  it('shows others the projects that they administer, and nothing of the system', async () => {
    expect(new Set(await projectsSeenBy(core.as('ann')))).toEqual(new Set(['team', 'ann', 'bob']));
    expect(await projectsSeenBy(core.as('dora'))).toEqual(['dora']);
    expect(await projectsSeenBy(core.as('bob'))).toEqual([]);
    expect(await rowsOf(`/auditlog-exts?q=project_id%3D${team.id}`, core.as('dora'))).toEqual([]);
    expect((await core.anonymous.get('/auditlog-exts')).status).toBe(401);
  });

  it('names who is gone as they were called', async () => {
    const { id } = await core.addUser('gone');
    await core.as('gone').post('/projects', { project_name: 'left-behind' });
    expect((await core.admin.delete(`/users/${id}`)).status).toBe(200);
    expect(await rowsOf('/auditlog-exts?q=username%3Dgone,operation%3Dcreate')).toMatchObject([
      { username: 'gone', resource: 'left-behind' },
    ]);
    expect(await descriptions('/auditlog-exts?q=resource%3Dgone,operation%3Ddelete')).toEqual([
      'delete user with name: gone',
    ]);
  });

  it('shows sign-ins, right and wrong ones, and no password', async () => {
    await core.as('bob').get('/users/current');
    await new Caller(core.app, { username: 'bob', password: 'Guessed-it-1' }).get('/users/current');
    await new Caller(core.app, { username: PASSWORD, password: 'Guessed-it-2' }).get('/users/current');
    await core.services.auditLog.signIns.flush();
    const signIns = await rowsOf('/auditlog-exts?q=operation%3Dlogin,username%3D{bob anonymous}&sort=op_time');
    expect(signIns).toMatchObject([
      { username: 'bob', operation_description: 'login from 127.0.0.1', operation_result: true },
      { username: 'bob', operation_description: 'login failed from 127.0.0.1', operation_result: false },
      { username: 'anonymous', operation_description: 'login failed from 127.0.0.1: no such user' },
    ]);
    expect(JSON.stringify(await rowsOf('/auditlog-exts?page_size=0'))).not.toMatch(/Guessed|Correct-horse/);
  });
});

describe('GET /audit-logs and /projects/{project}/logs', () => {
  it('show what succeeded, in the form of older clients', async () => {
    const [row] = await rowsOf('/projects/team/logs', core.as('ann'));
    expect(row).toEqual({
      id: expect.any(Number),
      username: 'ann',
      resource: 'team',
      resource_type: 'project',
      operation: 'update',
      op_time: TIME,
    });
    await new Caller(core.app, { username: 'ann', password: 'Guessed-it-3' }).get('/users/current');
    await core.services.auditLog.signIns.flush();
    expect(await rowsOf('/auditlog-exts?q=username%3Dann,operation_result%3Dfalse')).toHaveLength(1);
    expect(await rowsOf('/audit-logs?q=username%3Dann,operation_result%3Dfalse')).toEqual([]);
    expect(new Set((await rowsOf('/audit-logs', core.as('dora'))).map(({ resource }) => resource))).toEqual(
      new Set(['dora']),
    );
  });
});

describe('how is scanned, and what is accepted', () => {
  it('is written down with who changed it, and no secret', async () => {
    const adapter = await startMetadataServer();
    const given = { name: 'lens', url: adapter.url(), auth: 'Bearer', access_credential: 'Secret-of-lens' };
    const { headers } = await core.admin.post('/scanners', given);
    const uuid = String(headers['location']).split('/').at(-1) ?? '';
    await core.admin.put(`/scanners/${uuid}`, { ...given, description: 'other' });
    await core.as('ann').put('/projects/team/scanner', { uuid });
    await core.as('ann').put('/projects/team', { cve_allowlist: { items: [{ cve_id: 'CVE-7' }] } });
    await core.as('ann').put('/projects/team', { cve_allowlist: { items: [{ cve_id: 'CVE-7' }] } });
    await core.admin.put('/system/CVEAllowlist', { items: [{ cve_id: 'CVE-1' }, { cve_id: 'CVE-2' }] });
    await core.admin.put('/system/CVEAllowlist', { items: [{ cve_id: 'CVE-2' }], expires_at: 1_900_000_000 });
    await core.admin.delete(`/scanners/${uuid}`);
    await adapter.close();
    const told = [
      ...(await rowsOf('/auditlog-exts?q=resource_type%3D{scanner allowlist}&sort=op_time&page_size=50')),
      ...(await rowsOf('/auditlog-exts?q=operation_description%3D~choose')),
    ];
    expect(told.map((row) => [row['username'], row['operation_description']].join(': '))).toEqual([
      'admin: register scanner: lens',
      'admin: make scanner the default: lens',
      'admin: update scanner: lens',
      'ann: update CVE allowlist of project team: added CVE-7; never expires',
      'admin: update CVE allowlist of the system: added CVE-1, CVE-2; never expires',
      'admin: update CVE allowlist of the system: removed CVE-1; expires 2030-03-17T17:46:40.000Z',
      'admin: delete scanner: lens',
      'ann: choose scanners in project team: lens',
    ]);
    expect(JSON.stringify(told)).not.toContain('Secret');
  });
});

describe('GET /auditlog-exts/events', () => {
  it('lists what is written down, for administrators', async () => {
    expect(await rowsOf('/auditlog-exts/events')).toContainEqual({ event_type: 'create_artifact' });
    expect((await core.as('ann').get('/auditlog-exts/events')).status).toBe(403);
  });
});
