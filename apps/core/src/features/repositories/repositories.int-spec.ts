import { Role } from '@breakwater/rbac';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Pusher } from '../../testing/pusher.js';
import { createTestCore, type TestCore } from '../../testing/test-core.js';

let core: TestCore;
let pusher: Pusher;
let project: { id: number; name: string };
beforeAll(async () => {
  core = await createTestCore();
  pusher = new Pusher(core.services);
  for (const name of ['ann', 'bob']) await core.addUser(name);
  project = await core.addProject('team', { members: { ann: Role.maintainer, bob: Role.guest } });
  await core.addProject('open', { isPublic: true });
  await core.addProject('other');
  await pusher.image('team/app', { tags: ['v1'] });
  await pusher.image('team/tools/cache', { tags: ['v1'] });
  await pusher.image('open/app');
  await pusher.image('other/app');
});
afterAll(() => core.close());

const error = (code: string, message: unknown = expect.any(String)): object => ({ errors: [{ code, message }] });
const TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
const namesOf = (body: unknown): string[] => (body as { name: string }[]).map(({ name }) => name);

describe('GET /projects/{project}/repositories', () => {
  const list = (query = '', caller = core.as('bob')) => caller.get(`/projects/team/repositories?${query}`);

  it('shows them newest first, with zeros', async () => {
    await pusher.blob('team/upload-only', Buffer.from('x'));
    const { body, headers } = await list();
    expect(body).toEqual([
      {
        id: expect.any(Number),
        project_id: project.id,
        name: 'team/tools/cache',
        artifact_count: 1,
        pull_count: 0,
        creation_time: TIME,
        update_time: TIME,
      },
      expect.objectContaining({ name: 'team/app' }),
    ]);
    expect(headers['x-total-count']).toBe('2');
  });

  it('filters, sorts and pages', async () => {
    expect(namesOf((await list('q=name%3D~TOOLS')).body)).toEqual(['team/tools/cache']);
    expect(namesOf((await list('q=name%3Dteam%2Fapp')).body)).toEqual(['team/app']);
    expect(namesOf((await list('sort=name')).body)).toEqual(['team/app', 'team/tools/cache']);
    const { body, headers } = await list('sort=name&page=2&page_size=1');
    expect(namesOf(body)).toEqual(['team/tools/cache']);
    expect(headers['link']).toBe('</api/v2.0/projects/team/repositories?page=1&page_size=1&sort=name>; rel="prev"');
    expect(namesOf((await list('page_size=-1')).body)).toHaveLength(2);
  });

  it('is for those who may list', async () => {
    expect((await list('', core.anonymous)).status).toBe(401);
    expect((await core.anonymous.get('/projects/open/repositories')).status).toBe(200);
    expect((await core.as('bob').get('/projects/other/repositories')).status).toBe(403);
    expect((await core.admin.get('/projects/none/repositories')).status).toBe(404);
  });
});

describe('GET /repositories', () => {
  it('shows those of every project that the caller can see', async () => {
    const seen = async (caller = core.admin) => namesOf((await caller.get('/repositories?sort=name')).body);
    expect(await seen()).toEqual(['open/app', 'other/app', 'team/app', 'team/tools/cache']);
    expect(await seen(core.as('bob'))).toEqual(['open/app', 'team/app', 'team/tools/cache']);
    expect(await seen(core.anonymous)).toEqual(['open/app']);
    const { headers } = await core.anonymous.get('/repositories?q=name%3D~app');
    expect(headers['x-total-count']).toBe('1');
  });
});

describe('a repository', () => {
  it.each(['tools%252Fcache', 'tools%2Fcache'])('is found as %s', async (name) => {
    expect((await core.as('bob').get(`/projects/team/repositories/${name}`)).body).toMatchObject({
      name: 'team/tools/cache',
    });
  });

  it('is described by those who may push', async () => {
    const path = '/projects/team/repositories/app';
    const { body } = await core.as('ann').get<object>(path);
    const change = { ...body, description: 'What <it> is for' };
    expect((await core.as('bob').put(path, change)).status).toBe(403);
    expect((await core.as('ann').put(path, change)).status).toBe(200);
    expect((await core.as('ann').get(path)).body).toMatchObject({ description: 'What <it> is for', pull_count: 0 });
    expect((await core.as('ann').put(path, { description: 7 })).status).toBe(422);
    expect((await core.as('ann').put(path, { description: 'x'.repeat(65_537) })).status).toBe(422);
  });

  it('is deleted whole, with every artifact told', async () => {
    const { digest } = await pusher.image('team/ending', { tags: ['a', 'b'] });
    const path = '/projects/team/repositories/ending';
    expect((await core.as('bob').delete(path)).status).toBe(403);
    expect((await core.as('ann').delete(path)).status).toBe(200);
    for (const answer of [await core.as('ann').get(path), await core.as('ann').delete(path)])
      expect(answer.body).toEqual(error('NOT_FOUND', 'repository team/ending not found'));
    const told = await core.services.database.rows(
      `SELECT subject, payload->>'by' AS by, payload->>'digest' AS digest FROM outbox_event
       WHERE payload->>'repository' = 'team/ending' AND subject LIKE '%deleted%' ORDER BY id`,
    );
    expect(told).toEqual([
      { subject: 'events.catalog.artifact-deleted.v1', by: 'ann', digest },
      { subject: 'events.catalog.repository-deleted.v1', by: 'ann', digest: null },
    ]);
  });

  it('is not reached through another project, nor by a name that none can have', async () => {
    expect((await core.admin.get('/projects/open/repositories/tools%252Fcache')).status).toBe(404);
    expect((await core.admin.delete('/projects/open/repositories/tools%252Fcache')).status).toBe(404);
    expect((await core.admin.get('/projects/team/repositories/..%252Fother%252Fapp')).status).toBe(400);
    expect((await core.admin.get('/projects/team/repositories/UPPER')).status).toBe(400);
    expect((await core.admin.get('/projects/team/repositories/%25zz')).status).toBe(400);
  });
});
