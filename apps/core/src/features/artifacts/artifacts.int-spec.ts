import { MediaType } from '@breakwater/oci';
import { Role } from '@breakwater/rbac';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Pusher, type Pushed } from '../../testing/pusher.js';
import { createTestCore, type TestCore } from '../../testing/test-core.js';

let core: TestCore;
let pusher: Pusher;
beforeAll(async () => {
  core = await createTestCore();
  pusher = new Pusher(core.services);
  for (const name of ['ann', 'bob']) await core.addUser(name);
  await core.addProject('team', { members: { ann: Role.maintainer, bob: Role.guest } });
  await core.addProject('open', { isPublic: true });
});
afterAll(() => core.close());

const error = (code: string, message: unknown = expect.any(String)): object => ({ errors: [{ code, message }] });
const TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
const NEVER = '0001-01-01T00:00:00.000Z';
const of = (repository: string): string => `/projects/team/repositories/${repository}/artifacts`;
const digestsOf = (body: unknown): string[] => (body as { digest: string }[]).map(({ digest }) => digest);

describe('GET …/artifacts', () => {
  let image: Pushed;
  let index: Pushed;
  let signature: Pushed;
  const list = async (query = ''): Promise<string[]> =>
    digestsOf((await core.as('bob').get(`${of('listed')}?${query}`)).body);

  beforeAll(async () => {
    const config = { os: 'linux', architecture: 'arm64', config: { Env: ['A=b'] }, history: [] };
    image = await pusher.image('team/listed', { tags: ['v1', 'stable'], config, annotations: { note: 'x' } });
    const child = await pusher.image('team/listed');
    const platform = { os: 'linux', architecture: 'arm64', 'os.version': '1', 'os.features': ['f'], variant: 'v8' };
    index = await pusher.index('team/listed', [{ ...child.descriptor, platform }], ['multi']);
    signature = await pusher.image('team/listed', { subject: image });
  });

  it('prints what Harbor prints', async () => {
    const { body, headers } = await core.as('bob').get<object[]>(of('listed'));
    expect(headers['x-total-count']).toBe('2');
    expect(body).toEqual([
      {
        id: expect.any(Number),
        type: 'IMAGE',
        media_type: MediaType.OciIndex,
        manifest_media_type: MediaType.OciIndex,
        project_id: expect.any(Number),
        repository_id: expect.any(Number),
        repository_name: 'team/listed',
        digest: index.digest,
        size: expect.any(Number),
        push_time: TIME,
        pull_time: NEVER,
        references: [
          {
            parent_id: expect.any(Number),
            child_id: expect.any(Number),
            child_digest: expect.stringMatching(/^sha256:/),
            platform: {
              os: 'linux',
              architecture: 'arm64',
              "'os.version'": '1',
              "'os.features'": ['f'],
              variant: 'v8',
            },
            urls: null,
          },
        ],
        tags: [tag('multi')],
        addition_links: {
          vulnerabilities: {
            href: `/api/v2.0${of('listed')}/${index.digest}/additions/vulnerabilities`,
            absolute: false,
          },
        },
        labels: null,
        accessories: null,
      },
      {
        id: expect.any(Number),
        type: 'IMAGE',
        media_type: MediaType.OciConfig,
        manifest_media_type: MediaType.OciManifest,
        artifact_type: MediaType.OciConfig,
        project_id: expect.any(Number),
        repository_id: expect.any(Number),
        repository_name: 'team/listed',
        digest: image.digest,
        size: expect.any(Number),
        push_time: TIME,
        pull_time: NEVER,
        extra_attrs: { created: null, architecture: 'arm64', os: 'linux', author: '', config: { Env: ['A=b'] } },
        annotations: { note: 'x', salt: expect.any(String) },
        references: null,
        tags: [tag('stable'), tag('v1')],
        addition_links: {
          build_history: {
            href: `/api/v2.0${of('listed')}/${image.digest}/additions/build_history`,
            absolute: false,
          },
          vulnerabilities: {
            href: `/api/v2.0${of('listed')}/${image.digest}/additions/vulnerabilities`,
            absolute: false,
          },
        },
        labels: null,
        accessories: null,
      },
    ]);
  });

  const tag = (name: string): object => ({
    id: expect.any(Number),
    repository_id: expect.any(Number),
    artifact_id: expect.any(Number),
    name,
    push_time: TIME,
    pull_time: NEVER,
    immutable: false,
  });

  it('leaves out tags and adds accessories when told to', async () => {
    const query = 'with_tag=false&with_accessory=true&with_label=true&with_scan_overview=true';
    const { body } = await core.as('bob').get<object[]>(`${of('listed')}?${query}`);
    expect(body[1]).toMatchObject({
      digest: image.digest,
      tags: null,
      accessories: [
        {
          id: expect.any(Number),
          artifact_id: expect.any(Number),
          subject_artifact_digest: image.digest,
          subject_artifact_repo: 'team/listed',
          digest: signature.digest,
          type: 'subject.accessory',
          icon: '',
          creation_time: TIME,
        },
      ],
    });
  });

  it('filters as Harbor does', async () => {
    expect(await list('q=tags%3Dv1')).toEqual([image.digest]);
    expect(await list('q=tags%3D~mul')).toEqual([index.digest]);
    expect(await list('q=tags%3D*')).toHaveLength(2);
    expect(await list('q=tags%3Dnil')).toEqual([]);
    expect(await list('q=base%3D*')).toHaveLength(3);
    expect(await list('q=base%3D*,tags%3Dnil')).toHaveLength(1);
    expect(await list(`q=digest%3D${image.digest}`)).toEqual([image.digest]);
    expect(await list('q=type%3DCHART')).toEqual([]);
    expect(await list(`q=media_type%3D${encodeURIComponent(encodeURIComponent(MediaType.OciConfig))}`)).toEqual([
      image.digest,
    ]);
    expect(await list('q=push_time%3D[2026-01-01T00:00:00~2999-01-01T00:00:00]')).toHaveLength(2);
    expect(await list('q=push_time%3D[2999-01-01T00:00:00~]')).toEqual([]);
    expect(await list('q=labels%3D(1 2)')).toHaveLength(2);
    expect(await list('q=unheard_of%3Dx')).toHaveLength(2);
    expect(await list('sort=push_time')).toEqual([image.digest, index.digest]);
    expect(await list('sort=push_time&page=2&page_size=1')).toEqual([index.digest]);
  });

  it.each(['q=tags%3D{a b}', 'q=base%3Dx', 'q=size%3D~1', 'q=push_time%3Dsoon', 'q=tags'])(
    'refuses %s',
    async (query) => {
      expect((await core.as('bob').get(`${of('listed')}?${query}`)).body).toEqual(error('BAD_REQUEST'));
    },
  );

  it('is empty where there is no such repository', async () => {
    const { status, body, headers } = await core.as('bob').get(of('none'));
    expect([status, body, headers['x-total-count']]).toEqual([200, [], '0']);
  });
});

describe('GET /projects/{project}/artifacts', () => {
  it('shows all of them, or the newest of each repository and kind', async () => {
    await core.addProject('whole', { members: { bob: Role.guest } });
    const old = await pusher.image('whole/a', { tags: ['old'] });
    const newer = await pusher.image('whole/a', { tags: ['new'] });
    const other = await pusher.image('whole/b');
    const get = (query: string) => core.as('bob').get(`/projects/whole/artifacts?${query}`);
    expect(digestsOf((await get('')).body)).toEqual([other.digest, newer.digest, old.digest]);
    const config = encodeURIComponent(encodeURIComponent(MediaType.OciConfig));
    const latest = await get(`latest_in_repository=true&q=media_type%3D${config}`);
    expect([digestsOf(latest.body), latest.headers['x-total-count']]).toEqual([[other.digest, newer.digest], '2']);
    for (const q of ['', '&q=tags%3D*', `&q=media_type%3D${config},artifact_type%3Dx`])
      expect((await get(`latest_in_repository=true${q}`)).status).toBe(400);
  });
});

describe('GET …/artifacts/{reference}', () => {
  it('is found by tag and digest, with what it inherits', async () => {
    const child = await pusher.image('team/one');
    const index = await pusher.index('team/one', [child.descriptor], ['multi']);
    const signature = await pusher.image('team/one', { subject: index });
    const query = 'with_accessory=true&with_inherited_accessory=true&page=1&page_size=10';
    expect((await core.as('bob').get(`${of('one')}/multi?${query}`)).body).toMatchObject({
      digest: index.digest,
      accessories: [{ digest: signature.digest }],
    });
    const { body } = await core.as('bob').get<object>(`${of('one')}/${child.digest}?${query}`);
    expect(body).toMatchObject({
      tags: null,
      accessories: null,
      inherited_accessories: [{ digest: signature.digest }],
    });
    const plain = await core.as('bob').get<object>(`${of('one')}/${child.digest}`);
    expect(plain.body).not.toHaveProperty('inherited_accessories');
  });

  it.each(['none', `sha256:${'0'.repeat(64)}`, 'sha256:short', '-'])('does not find %s', async (reference) => {
    expect((await core.as('bob').get(`${of('one')}/${reference}`)).body).toEqual(error('NOT_FOUND'));
  });

  it('is of its project, and for those who may read there', async () => {
    const { digest } = await pusher.image('team/mine');
    expect((await core.admin.get(`/projects/open/repositories/mine/artifacts/${digest}`)).status).toBe(404);
    expect((await core.anonymous.get(`${of('mine')}/${digest}`)).status).toBe(401);
    const open = await pusher.image('open/app');
    expect((await core.anonymous.get(`/projects/open/repositories/app/artifacts/${open.digest}`)).status).toBe(200);
  });
});

describe('DELETE …/artifacts/{reference}', () => {
  it('by a tag takes the whole artifact', async () => {
    const { digest } = await pusher.image('team/ending', { tags: ['a', 'b'] });
    expect((await core.as('bob').delete(`${of('ending')}/a`)).status).toBe(403);
    expect((await core.as('ann').delete(`${of('ending')}/a`)).status).toBe(200);
    for (const reference of ['a', 'b', digest]) {
      expect((await core.as('ann').get(`${of('ending')}/${reference}`)).status).toBe(404);
      expect((await core.as('ann').delete(`${of('ending')}/${reference}`)).status).toBe(404);
    }
  });

  it('is refused while an index holds it', async () => {
    const child = await pusher.image('team/held', { tags: ['child'] });
    await pusher.index('team/held', [child.descriptor], ['index']);
    const refused = await core.as('ann').delete(`${of('held')}/child`);
    expect([refused.status, refused.body]).toEqual([412, error('VIOLATE_FOREIGN_KEY_CONSTRAINT')]);
    expect((await core.as('ann').delete(`${of('held')}/index`)).status).toBe(200);
    expect((await core.as('ann').delete(`${of('held')}/child`)).status).toBe(200);
  });
});

describe('POST …/artifacts?from=', () => {
  const copy = (from: string, caller = core.as('ann'), to = 'copied') =>
    caller.post(`${of(to)}?from=${encodeURIComponent(from)}`);

  it('copies with all tags, and answers with the path by which it was asked for', async () => {
    const { digest } = await pusher.image('open/source', { tags: ['v1', 'v2'] });
    const made = await copy('open/source:v1', core.as('ann'), 'tools%252Fcopied');
    expect([made.status, made.headers['location']]).toEqual([201, `/api/v2.0${of('tools%252Fcopied')}/v1`]);
    expect((await core.as('bob').get(`${of('tools%252Fcopied')}/v2`)).body).toMatchObject({ digest });
    const again = await copy(`open/source@${digest}`);
    expect([again.status, again.headers['location']]).toEqual([201, `/api/v2.0${of('copied')}/${digest}`]);
  });

  it('needs the right to read the source and to create the copy', async () => {
    await core.addProject('closed');
    await pusher.image('closed/app', { tags: ['v1'] });
    expect((await copy('closed/app:v1')).status).toBe(403);
    expect((await copy('none/app:v1')).status).toBe(403);
    expect((await copy('none/app:v1', core.admin)).status).toBe(404);
    expect((await copy('closed/app:v1', core.admin)).status).toBe(201);
    expect((await copy('team/copied:v1', core.as('bob'))).status).toBe(403);
  });

  it('refuses what cannot be copied', async () => {
    const image = await pusher.image('open/signed', { tags: ['v1'] });
    const signature = await pusher.image('open/signed', { subject: image });
    const denied = await copy(`open/signed@${signature.digest}`);
    expect([denied.status, denied.body]).toEqual([403, error('DENIED')]);
    for (const [from, status] of [
      ['open/signed', 404],
      ['open/signed:none', 404],
      ['open/none:v1', 404],
      ['signed:v1', 400],
      ['open/signed:', 400],
      ['open/signed@sha256:short', 400],
      ['', 400],
    ] as const)
      expect((await copy(from)).status).toBe(status);
    expect((await core.as('ann').post(of('copied'))).status).toBe(422);
  });
});
