import { Role } from '@breakwater/rbac';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createTestCore, type TestCore } from '../../testing/test-core.js';

let core: TestCore;
let project: { id: number; name: string };
let count = 0;

beforeAll(async () => {
  core = await createTestCore();
  for (const name of ['ann', 'bob', 'cleo', 'dan']) await core.addUser(name);
});
beforeEach(async () => {
  project = await core.addProject(`project-${++count}`, { members: { ann: Role.projectAdmin, bob: Role.guest } });
});
afterAll(() => core.close());

const members = (): string => `/projects/${project.name}/members`;

describe('members of a project', () => {
  it('are listed by name, to the project by name or by id', async () => {
    for (const path of [project.name, project.id]) {
      const { body, headers } = await core.as('bob').get(`/projects/${path}/members`);
      expect(body).toMatchObject([
        { entity_name: 'ann', role_id: 1, role_name: 'projectAdmin', entity_type: 'u', project_id: project.id },
        { entity_name: 'bob', role_id: 3, role_name: 'guest' },
      ]);
      expect(headers['x-total-count']).toBe('2');
    }
    expect((await core.as('bob').get(`${members()}?entityname=bob`)).body).toMatchObject([{ entity_name: 'bob' }]);
    expect((await core.as('bob').get(`${members()}?entityname=bo`)).body).toEqual([]);
  });

  it('takes digits as a name when the caller says so', async () => {
    const digits = await core.addProject(`${700 + count}`, { members: { cleo: Role.guest } });
    expect((await core.as('cleo').get(`/projects/${digits.name}/members`)).status).toBe(403);
    const named = await core.as('cleo').get(`/projects/${digits.name}/members`, { 'x-is-resource-name': 'true' });
    expect(named.body).toMatchObject([{ entity_name: 'cleo', project_id: digits.id }]);
  });

  it('are added by id or by name, with the path of the new one', async () => {
    const made = await core.as('ann').post(members(), { role_id: 2, member_user: { username: 'cleo' } });
    expect(made.status).toBe(201);
    const path = String(made.headers['location']);
    expect(path).toMatch(new RegExp(`^/api/v2.0${members()}/\\d+$`));
    expect((await core.as('cleo').get(path)).body).toMatchObject({ entity_name: 'cleo', role_name: 'developer' });
    const dan = await core.admin.get<{ user_id: number }[]>('/users?q=username%3Ddan');
    const byId = { role_id: 5, member_user: { user_id: dan.body[0]?.user_id } };
    expect((await core.as('ann').post(members(), byId)).status).toBe(201);
  });

  it.each([
    [{ role_id: 2, member_user: { username: 'bob' } }, 409],
    [{ role_id: 2, member_user: { username: 'nobody' } }, 404],
    [{ role_id: 2, member_user: { user_id: 999999 } }, 400],
    [{ role_id: 6, member_user: { username: 'cleo' } }, 400],
    [{ role_id: 2, member_group: { group_name: 'team' } }, 400],
    [{}, 400],
    [{ role_id: '2', member_user: { username: 'cleo' } }, 422],
    [{ role_id: 2, member_user: { username: 7 } }, 422],
  ])('are not added by %j: %p', async (body, status) => {
    expect((await core.as('ann').post(members(), body)).status).toBe(status);
  });

  it('get another role and go, and have no right any more at once', async () => {
    const [bob] = (await core.as('ann').get<{ id: number }[]>(`${members()}?entityname=bob`)).body;
    const path = `${members()}/${bob?.id}`;
    expect((await core.as('ann').put(path, { role_id: 1 })).status).toBe(200);
    expect((await core.as('bob').put(path, { role_id: 4 })).status).toBe(200);
    expect((await core.as('bob').put(path, { role_id: 1 })).status).toBe(403);
    expect((await core.as('ann').put(path, { role_id: 9 })).status).toBe(400);
    expect((await core.as('ann').delete(path)).status).toBe(200);
    expect((await core.as('bob').get(members())).status).toBe(403);
    expect((await core.as('ann').delete(path)).status).toBe(404);
    expect((await core.as('ann').put(path, { role_id: 2 })).status).toBe(404);
  });

  it('of one project are out of reach through another', async () => {
    const other = await core.addProject(`other-${count}`, { members: { dan: Role.projectAdmin } });
    const [bob] = (await core.as('ann').get<{ id: number }[]>(`${members()}?entityname=bob`)).body;
    const path = `/projects/${other.name}/members/${bob?.id}`;
    expect((await core.as('dan').get(path)).status).toBe(404);
    expect((await core.as('dan').put(path, { role_id: 1 })).status).toBe(404);
    expect((await core.as('dan').delete(path)).status).toBe(404);
    expect((await core.as('ann').get(`${members()}/${bob?.id}`)).body).toMatchObject({ role_id: 3 });
  });
});
