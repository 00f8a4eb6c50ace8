import { Role } from '@breakwater/rbac';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Pusher, type Pushed } from '../../testing/pusher.js';
import { createTestCore, type TestCore } from '../../testing/test-core.js';

let core: TestCore;
let pusher: Pusher;
let count = 0;
let image: Pushed;
let path: string;
beforeAll(async () => {
  core = await createTestCore();
  pusher = new Pusher(core.services);
  for (const name of ['ann', 'dev', 'bob']) await core.addUser(name);
  const members = { ann: Role.maintainer, dev: Role.developer, bob: Role.guest };
  await core.addProject('team', { members });
  await core.addProject('other', { members });
});
beforeEach(async () => {
  image = await pusher.image(`team/app${++count}`, { tags: ['v1', 'v2'] });
  path = `/projects/team/repositories/app${count}/artifacts/${image.digest}/tags`;
});
afterAll(() => core.close());

const error = (code: string, message: unknown = expect.any(String)): object => ({ errors: [{ code, message }] });
const namesOf = (body: unknown): string[] => (body as { name: string }[]).map(({ name }) => name);

describe('tags of an artifact', () => {
  it('are listed by pages, filtered and sorted', async () => {
    const get = (query: string) => core.as('bob').get(`${path}?${query}`);
    expect(namesOf((await get('sort=name')).body)).toEqual(['v1', 'v2']);
    expect(namesOf((await get('q=name%3D~2&with_immutable_status=true')).body)).toEqual(['v2']);
    const { body, headers } = await get('sort=-name&page_size=1');
    expect([namesOf(body), headers['x-total-count']]).toEqual([['v2'], '2']);
    expect(headers['link']).toMatch(/page=2&page_size=1&sort=-name>; rel="next"$/);
  });

  it('are made by those who may push, and never moved by that', async () => {
    expect((await core.as('bob').post(path, { name: 'new' })).status).toBe(403);
    const made = await core.as('dev').post(path, { name: 'new' });
    expect([made.status, made.text]).toEqual([201, '']);
    expect(namesOf((await core.as('bob').get(path)).body)).toContain('new');
    const other = await pusher.image(`team/app${count}`, { tags: ['taken'] });
    expect((await core.as('dev').post(path, { name: 'taken' })).body).toEqual(error('CONFLICT'));
    const { body } = await core.as('bob').get(path.replace(`${image.digest}/tags`, 'taken'));
    expect(body).toMatchObject({ digest: other.digest });
  });

  it.each([
    [{ name: '-' }, 400],
    [{ name: 'a/b' }, 400],
    [{ name: 'x'.repeat(129) }, 400],
    [{ name: '' }, 422],
    [{}, 422],
    [{ name: 7 }, 422],
  ])('are not made of %j: %p', async (body, status) => {
    expect((await core.as('dev').post(path, body)).status).toBe(status);
  });

  it('are taken off by those who may delete, and the artifact stays', async () => {
    expect((await core.as('dev').delete(`${path}/v1`)).status).toBe(403);
    for (const name of ['v1', 'v2']) expect((await core.as('ann').delete(`${path}/${name}`)).status).toBe(200);
    expect((await core.as('bob').get(path)).body).toEqual([]);
    for (const name of ['v1', '-', 'none']) expect((await core.as('ann').delete(`${path}/${name}`)).status).toBe(404);
  });

  it('are not reached through another artifact or project', async () => {
    await pusher.image(`team/app${count}`, { tags: ['elsewhere'] });
    expect((await core.as('ann').delete(`${path}/elsewhere`)).status).toBe(404);
    const through = path.replace('/team/', '/other/');
    expect((await core.as('ann').get(through)).status).toBe(404);
    expect((await core.as('ann').post(through, { name: 'new' })).status).toBe(404);
    expect((await core.as('ann').delete(`${through}/v1`)).status).toBe(404);
    expect((await core.as('ann').get(path.replace(image.digest, 'none'))).status).toBe(404);
  });
});
