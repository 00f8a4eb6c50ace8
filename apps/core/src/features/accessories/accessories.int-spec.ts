import { Role } from '@breakwater/rbac';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Pusher, type Pushed } from '../../testing/pusher.js';
import { createTestCore, type TestCore } from '../../testing/test-core.js';

let core: TestCore;
let image: Pushed;
const attached: Pushed[] = [];
beforeAll(async () => {
  core = await createTestCore();
  const pusher = new Pusher(core.services);
  await core.addUser('bob');
  const members = { bob: Role.limitedGuest };
  await core.addProject('team', { members });
  await core.addProject('other', { members });
  image = await pusher.image('team/app', { tags: ['v1'] });
  for (const configType of ['application/vnd.cncf.notary.signature', 'application/x.report', 'application/x.note'])
    attached.push(await pusher.image('team/app', { subject: image, configType }));
});
afterAll(() => core.close());

const digestsOf = (body: unknown): string[] => (body as { digest: string }[]).map(({ digest }) => digest);

describe('GET …/accessories', () => {
  const get = (query: string, project = 'team') =>
    core.as('bob').get(`/projects/${project}/repositories/app/artifacts/v1/accessories?${query}`);

  it('lists what is attached, the oldest first', async () => {
    const { body, headers } = await get('');
    expect(body).toMatchObject([{ type: 'signature.notation' }, { type: 'subject.accessory' }, {}]);
    expect(digestsOf(body)).toEqual(attached.map(({ digest }) => digest));
    expect(headers['x-total-count']).toBe('3');
  });

  it('filters, sorts and pages', async () => {
    expect(digestsOf((await get('q=type%3Dsignature.notation')).body)).toEqual([attached[0]?.digest]);
    expect(digestsOf((await get('sort=-creation_time&page_size=1')).body)).toEqual([attached[2]?.digest]);
    expect((await get('q=size%3D~1')).status).toBe(400);
  });

  it('is of an artifact that is there, in its project', async () => {
    expect((await get('', 'other')).status).toBe(404);
  });
});
