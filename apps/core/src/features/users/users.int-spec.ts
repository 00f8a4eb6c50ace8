import { DEFAULT_OPTIONS } from '@breakwater/accounts';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Caller } from '../../testing/caller.js';
import { createTestCore, PASSWORD, type TestCore } from '../../testing/test-core.js';

let core: TestCore;
beforeAll(async () => {
  core = await createTestCore();
});
afterAll(() => core.close());

const AN_HOUR_MS = 3_600_000;
const error = (code: string, message: unknown = expect.any(String)): object => ({ errors: [{ code, message }] });

describe('POST /users', () => {
  it('makes a user, who can sign in by name and by address', async () => {
    const made = await core.admin.post('/users', {
      username: 'ann',
      email: 'Ann@example.com',
      realname: 'Ann',
      password: PASSWORD,
    });
    expect(made.status).toBe(201);
    expect(made.headers['location']).toMatch(/^\/api\/v2\.0\/users\/\d+$/);
    expect(made.text).toBe('');
    for (const username of ['ann', 'ann@example.com']) {
      const caller = new Caller(core.app, { username, password: PASSWORD });
      expect((await caller.get('/users/current')).body).toMatchObject({ username: 'ann', email: 'Ann@example.com' });
    }
  });

  it('refuses with 422 what is not of its form, naming every fault', async () => {
    const { status, body } = await core.admin.post('/users', { username: 7, email: 'x'.repeat(256) });
    expect(status).toBe(422);
    expect(body).toEqual(
      error(
        'UNPROCESSABLE_ENTITY',
        expect.stringMatching(/^validation failure list:\nusername in body .*\nemail in body /s),
      ),
    );
  });

  it.each([
    [{ username: 'bob', email: 'bob@example.com', realname: 'Bob', password: 'weak' }, 400, 'BAD_REQUEST'],
    [{ username: 'b,b', email: 'bob@example.com', realname: 'Bob', password: PASSWORD }, 400, 'BAD_REQUEST'],
    [{}, 400, 'BAD_REQUEST'],
    [{ username: 'admin', email: 'bob@example.com', realname: 'Bob', password: PASSWORD }, 409, 'CONFLICT'],
  ])('%j: %p %p', async (given, status, code) => {
    const answer = await core.admin.post('/users', given);
    expect([answer.status, answer.body]).toEqual([status, error(code)]);
    expect(answer.text).not.toContain('Correct-horse');
  });
});

describe('GET /users', () => {
  beforeAll(async () => {
    for (const name of ['carl', 'carla', 'dora']) await core.addUser(name);
  });

  it('lists all but the first, by name, with the number and the neighbours', async () => {
    const { headers, body } = await core.admin.get<{ username: string }[]>(
      '/users?page=2&page_size=1&q=username%3D~car',
    );
    expect(body.map((user) => user.username)).toEqual(['carla']);
    expect(headers['x-total-count']).toBe('2');
    expect(headers['link']).toBe('</api/v2.0/users?page=1&page_size=1&q=username=~car>; rel="prev"');
  });

  it('sorts as asked', async () => {
    const { body } = await core.admin.get<{ username: string }[]>('/users?sort=-username&q=username%3D~a&page_size=0');
    const names = body.map((user) => user.username);
    expect(names).toEqual([...names].sort().reverse());
    expect(names).not.toContain('admin');
  });

  it('prints what Harbor prints: flags always, empty texts never', async () => {
    const { body } = await core.admin.get<object[]>('/users?q=username%3Ddora');
    expect(body).toEqual([
      {
        user_id: expect.any(Number),
        username: 'dora',
        email: 'dora@example.com',
        realname: 'dora',
        sysadmin_flag: false,
        admin_role_in_auth: false,
        creation_time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
        update_time: expect.any(String),
      },
    ]);
  });

  it('refuses a page size over 100', async () => {
    expect((await core.admin.get('/users?page_size=101')).status).toBe(422);
  });
});

describe('a user and its parts', () => {
  it('shows oneself and nobody else', async () => {
    const [eve, fay] = [await core.addUser('eve'), await core.addUser('fay')];
    expect((await core.as('eve').get(`/users/${eve.id}`)).body).toMatchObject({ username: 'eve' });
    expect((await core.as('eve').get(`/users/${fay.id}`)).status).toBe(403);
    expect((await core.as('eve').get('/users/999999')).status).toBe(403);
    expect((await core.admin.get('/users/999999')).body).toEqual(error('NOT_FOUND'));
    expect((await core.admin.get('/users/x')).status).toBe(422);
  });

  it('changes a profile; what is left out becomes empty', async () => {
    const { id } = await core.addUser('gil', { comment: 'before' });
    const change = { email: 'gil@example.org', realname: 'Gil' };
    expect((await core.as('gil').put(`/users/${id}`, change)).status).toBe(200);
    const { body } = await core.admin.get<object>(`/users/${id}`);
    expect(body).toMatchObject(change);
    expect(body).not.toHaveProperty('comment');
    expect((await core.as('gil').put(`/users/${id}`, { realname: 'Gil' })).body).toEqual(error('BAD_REQUEST'));
  });

  it('changes a password: the old one is needed for one’s own, and ends at once', async () => {
    const { id } = await core.addUser('hal');
    const next = 'Another-horse-8';
    expect((await core.as('hal').put(`/users/${id}/password`, { new_password: next })).status).toBe(403);
    expect(
      (await core.as('hal').put(`/users/${id}/password`, { old_password: PASSWORD, new_password: PASSWORD })).status,
    ).toBe(400);
    expect(
      (await core.as('hal').put(`/users/${id}/password`, { old_password: PASSWORD, new_password: next })).status,
    ).toBe(200);
    expect((await core.as('hal').get('/users/current')).status).toBe(401);
    expect((await core.admin.put(`/users/${id}/password`, { new_password: PASSWORD })).status).toBe(200);
    expect((await core.as('hal').get('/users/current')).status).toBe(200);
  });

  it('makes an administrator, who stays one until the flag goes', async () => {
    const { id } = await core.addUser('ida');
    await core.admin.put(`/users/${id}/sysadmin`, { sysadmin_flag: true });
    expect((await core.as('ida').get('/users')).status).toBe(200);
    await core.admin.put(`/users/${id}/sysadmin`, { sysadmin_flag: false });
    expect((await core.as('ida').get('/users')).status).toBe(403);
  });

  it('deletes a user for good, and never oneself or the first', async () => {
    const { id } = await core.addUser('jon');
    expect((await core.admin.delete(`/users/${id}`)).status).toBe(200);
    expect((await core.as('jon').get('/users/current')).status).toBe(401);
    expect((await core.admin.delete(`/users/${id}`)).status).toBe(404);
    expect((await core.admin.delete('/users/1')).body).toEqual(error('FORBIDDEN'));
  });
});

it('is kept by no cache, an error no more than an answer', async () => {
  for (const caller of [core.admin, core.anonymous]) {
    const { headers } = await caller.get('/users');
    expect(headers).toMatchObject({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
  }
});

describe('GET /users/search', () => {
  it('tells id and name only, to anybody who is signed in', async () => {
    const kim = await core.addUser('kim-searched');
    const { body, headers } = await core.as('kim-searched').get('/users/search?username=searched');
    expect(body).toEqual([{ user_id: kim.id, username: 'kim-searched' }]);
    expect(headers['x-total-count']).toBe('1');
    expect((await core.as('kim-searched').get('/users/search')).status).toBe(422);
    expect((await core.anonymous.get('/users/search?username=searched')).status).toBe(401);
  });
});

describe('GET /users/current/permissions', () => {
  it('prints what one may do in a project, absolute or relative', async () => {
    await core.addUser('lea');
    const project = await core.addProject('lea-project', { members: { lea: 5 } });
    const { body } = await core.as('lea').get(`/users/current/permissions?scope=/project/${project.id}&relative=true`);
    expect(body).toContainEqual({ resource: 'repository', action: 'pull' });
    expect(body).toContainEqual({ resource: '', action: 'read' });
    expect(body).not.toContainEqual({ resource: 'repository', action: 'push' });
    const absolute = await core.as('lea').get(`/users/current/permissions?scope=/project/${project.id}`);
    expect(absolute.body).toContainEqual({ resource: `/project/${project.id}/repository`, action: 'pull' });
  });

  it('is empty without a scope, in a stranger’s project and in one that there is not', async () => {
    await core.addUser('max');
    const project = await core.addProject('not-of-max');
    for (const scope of [
      '',
      `?scope=/project/${project.id}`,
      '?scope=/project/999999',
      '?scope=/system',
      '?scope=junk',
    ]) {
      expect((await core.as('max').get(`/users/current/permissions${scope}`)).body).toEqual([]);
    }
    expect((await core.admin.get('/users/current/permissions?scope=/system')).body).toHaveLength(53);
  });
});

describe('credentials', () => {
  it('are a 401 when they are wrong, on reads that need none as well', async () => {
    const wrong = new Caller(core.app, { username: 'admin', password: 'Wrong-horse-7' });
    expect((await wrong.get('/users/current')).body).toEqual(error('UNAUTHORIZED', 'invalid user name or password'));
    const bearer = await core.anonymous.get('/users/current', { authorization: 'Bearer abc.def.ghi' });
    expect(bearer.status).toBe(401);
  });

  it('are slowed down when they are wrong again and again, with the seconds to wait', async () => {
    // Whatever the machine does meanwhile, the wait is not over when the third request comes.
    const waits = { firstWaitMs: AN_HOUR_MS, longestWaitMs: AN_HOUR_MS };
    const strict = await createTestCore({}, { throttle: { ...DEFAULT_OPTIONS.throttle, freePerName: 1, ...waits } });
    const wrong = new Caller(strict.app, { username: 'admin', password: 'Wrong-horse-7' });
    const statuses = [await wrong.get('/users/current'), await wrong.get('/users/current')].map(({ status }) => status);
    const third = await strict.admin.get('/users/current');
    expect([...statuses, third.status]).toEqual([401, 401, 429]);
    expect(Number(third.headers['retry-after'])).toBeGreaterThan(0);
    await strict.close();
  });
});
