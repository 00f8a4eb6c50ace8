import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { digestOf, HttpClient, manifestOf, type Answer } from '../testing/http-client.js';
import { RegistryHarness, ROLE } from '../testing/registry-harness.js';

let harness: RegistryHarness;
let client: HttpClient;
let admin: HttpClient;
const tags = ['Latest', 'latest', 'v1', 'v1.1', 'v10', 'v2', '_x'];
const inOrder = ['Latest', '_x', 'latest', 'v1', 'v1.1', 'v10', 'v2'];
const path = '/v2/team/app/tags/list';

beforeAll(async () => {
  harness = await RegistryHarness.create();
  const project = await harness.project('team');
  const user = await harness.user({ [project.id]: ROLE.developer });
  const port = await harness.start();
  client = new HttpClient(port, user.basic);
  admin = new HttpClient(port, harness.admin.basic);
  await client.pushArtifact('team/app', `${digestOf(manifestOf())}?${tags.map((tag) => `tag=${tag}`).join('&')}`);
  for (const name of ['team/b', 'team/a', 'team/c/d']) await client.pushArtifact(name, 'v1');
});
afterAll(async () => {
  client.close();
  admin.close();
  await harness.close();
});

const listed = (answer: Answer): string[] => answer.json<{ tags: string[] }>().tags;

function next(answer: Answer): string {
  return /^<([^>]+)>; rel="next"$/.exec(answer.headers.link as string)?.[1] ?? 'no link';
}

describe('tags/list', () => {
  it('is in byte order, with the name', async () => {
    const answer = await client.get(path);
    expect(answer.json()).toEqual({ name: 'team/app', tags: inOrder });
    expect(answer.headers['content-type']).toBe('application/json');
    expect(answer.headers.link).toBeUndefined();
  });

  it('goes on by Link until the end, which has none', async () => {
    const seen: string[] = [];
    let answer = await client.get(`${path}?n=3`);
    for (;;) {
      expect(listed(answer).length).toBeLessThanOrEqual(3);
      seen.push(...listed(answer));
      if (answer.headers.link === undefined) break;
      answer = await client.get(next(answer));
    }
    expect(seen).toEqual(inOrder);
  });

  it('has no Link where the last page is full', async () => {
    expect((await client.get(`${path}?n=${tags.length}`)).headers.link).toBeUndefined();
  });

  it('takes last without n, exclusive, and of a tag that need not exist', async () => {
    expect(listed(await client.get(`${path}?last=v1`))).toEqual(['v1.1', 'v10', 'v2']);
    expect(listed(await client.get(`${path}?last=v1.05`))).toEqual(['v1.1', 'v10', 'v2']);
    expect(listed(await client.get(`${path}?last=zzz`))).toEqual([]);
  });

  it('n=0 is an empty list without a Link', async () => {
    const answer = await client.get(`${path}?n=0`);
    expect([listed(answer), answer.headers.link]).toEqual([[], undefined]);
  });

  it.each(['-1', 'many', '1.5', '0x10'])('n=%s is 400 PAGINATION_NUMBER_INVALID', async (n) => {
    const answer = await client.get(`${path}?n=${n}`);
    expect(answer.status).toBe(400);
    expect(answer.text).toContain('PAGINATION_NUMBER_INVALID');
  });

  it('n=2147483648 allocates nothing', async () => {
    expect(listed(await client.get(`${path}?n=2147483648`))).toEqual(inOrder);
  });

  it('404 NAME_UNKNOWN for a repository that nobody pushed to', async () => {
    const answer = await client.get('/v2/team/nope/tags/list');
    expect(answer.status).toBe(404);
    expect(answer.text).toContain('NAME_UNKNOWN');
  });
});

describe('_catalog', () => {
  it('lists every repository to an administrator, in order, in pages', async () => {
    const all = ['team/a', 'team/app', 'team/b', 'team/c/d'];
    expect((await admin.get('/v2/_catalog')).json()).toEqual({ repositories: all });
    const first = await admin.get('/v2/_catalog?n=3');
    expect(first.json()).toEqual({ repositories: all.slice(0, 3) });
    const second = await admin.get(next(first));
    expect(second.json()).toEqual({ repositories: all.slice(3) });
    expect(second.headers.link).toBeUndefined();
  });

  it('is refused to everybody else', async () => {
    const answer = await client.get('/v2/_catalog');
    expect(answer.status).toBe(401);
    expect(answer.headers['www-authenticate']).toContain('scope="registry:catalog:*"');
  });

  it('needs its scope in a token', async () => {
    const bare = new HttpClient(admin.port, await harness.token(harness.admin));
    const scoped = new HttpClient(admin.port, await harness.token(harness.admin, 'registry:catalog:*'));
    expect((await bare.get('/v2/_catalog')).headers['www-authenticate']).toMatch(/error="insufficient_scope"$/);
    expect((await scoped.get('/v2/_catalog')).status).toBe(200);
    bare.close();
    scoped.close();
  });
});

describe('_oci/ext/discover', () => {
  it('lists what is there beside the API itself, for the registry and for a repository', async () => {
    const names = (answer: Answer): string[] =>
      answer.json<{ extensions: { name: string }[] }>().extensions.map((each) => each.name);
    expect(names(await client.get('/v2/_oci/ext/discover'))).toEqual(['_oci', '_catalog']);
    expect(names(await client.get('/v2/team/app/_oci/ext/discover'))).toEqual(['_oci']);
  });
});
