import { MediaType } from '@breakwater/oci';
import { Role } from '@breakwater/rbac';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Pusher, type Pushed } from '../../testing/pusher.js';
import { createTestCore, type TestCore } from '../../testing/test-core.js';

let core: TestCore;
let image: Pushed;
let chart: Pushed;
const history = [{ created: '2026-01-01T00:00:00Z', created_by: 'COPY . .' }];
beforeAll(async () => {
  core = await createTestCore();
  const pusher = new Pusher(core.services);
  await core.addUser('bob');
  await core.addProject('team', { members: { bob: Role.limitedGuest } });
  image = await pusher.image('team/tools/app', { config: { os: 'linux', history } });
  chart = await pusher.image('team/tools/app', {
    configType: MediaType.HelmConfig,
    config: { name: 'web', dependencies: [{ name: 'db', version: '1.x', repository: 'oci://charts' }] },
    layers: [{ mediaType: 'application/vnd.cncf.helm.chart.content.v1.tar+gzip', content: Buffer.from('no archive') }],
  });
});
afterAll(() => core.close());

const get = (of: Pushed, addition: string) =>
  core.as('bob').get(`/projects/team/repositories/tools%252Fapp/artifacts/${of.digest}/additions/${addition}`);

describe('GET …/additions/{addition}', () => {
  it('answers with the content and what it is', async () => {
    const { status, headers, body } = await get(image, 'build_history');
    expect([status, headers['content-type'], body]).toEqual([200, 'application/json; charset=utf-8', history]);
    expect((await get(chart, 'dependencies')).body).toEqual([
      { name: 'db', version: '1.x', repository: 'oci://charts' },
    ]);
  });

  it('is what the links of the artifact lead to', async () => {
    const { body } = await core
      .as('bob')
      .get<{ addition_links: Record<string, { href: string }> }>(
        `/projects/team/repositories/tools%252Fapp/artifacts/${image.digest}`,
      );
    expect(Object.keys(body.addition_links)).toEqual(['build_history', 'vulnerabilities']);
    expect((await core.as('bob').get(body.addition_links['build_history']?.href ?? '')).body).toEqual(history);
  });

  it.each([
    ['values.yaml', 400],
    ['sbom', 400],
    ['secrets', 422],
  ])('of an image has no %s: %p', async (addition, status) => {
    expect((await get(image, addition)).status).toBe(status);
  });

  it('says when nothing can be read', async () => {
    expect((await get(chart, 'values.yaml')).body).toMatchObject({ errors: [{ code: 'PRECONDITION' }] });
    expect((await get({ ...image, digest: `sha256:${'0'.repeat(64)}` as never }, 'build_history')).status).toBe(404);
  });
});
