import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ProjectKey } from '../request/parameters.js';
import { errorOf, TestApi } from '../testing/test-api.js';

let api: TestApi;
beforeAll(async () => {
  api = await TestApi.start();
});
afterAll(() => api.close());

const get: TestApi['get'] = (...request) => api.get(...request);

describe('paths and queries', () => {
  it('lose repeated slashes before routing, and a slash at the end', async () => {
    expect((await get('//api///v2.0/users//12')).json()).toEqual({ id: 12 });
    expect((await get('/api/v2.0/users/12/')).json()).toEqual({ id: 12 });
  });

  it.each([
    '/api/v2.0/labels?scope=g;page=1',
    '/api/v2.0/labels?q=%zz',
    '/api/v2.0/labels?q=%ff',
    '/api/v2.0/labels?q=%00',
    '/api/v2.0/users/%00',
    '/api/v2.0/users/%ff',
    '/api/v2.0/labels?scope=g&q=name',
  ])('are refused with 400 when they cannot be read: %s', async (url) => {
    const answer = await get(url);
    expect([answer.statusCode, errorOf(answer).code]).toEqual([400, 'BAD_REQUEST']);
  });

  it('undo the second encoding of a repository name, and take a single one', async () => {
    const digest = `sha256:${'ab'.repeat(32)}`;
    const base = '/api/v2.0/projects/team/repositories';
    const twice = await get(`${base}/tools%252Fcache/artifacts/${digest}`);
    expect(twice.json()).toEqual({ repository: 'tools/cache', reference: { kind: 'digest', digest } });
    const once = await get(`${base}/tools%2Fcache/artifacts/latest`);
    expect(once.json()).toEqual({ repository: 'tools/cache', reference: { kind: 'tag', tag: 'latest' } });
    const long = Array.from({ length: 85 }, () => 'aa').join('%252F');
    expect((await get(`${base}/${long}/artifacts/latest`)).statusCode).toBe(200);
    expect((await get(`${base}/app/artifacts/-x`)).json()).toEqual({ repository: 'app', reference: null });
    expect((await get(`${base}/..%252Fother%252Fapp/artifacts/latest`)).statusCode).toBe(400);
    expect((await get(`${base}/%25zz/artifacts/latest`)).statusCode).toBe(400);
  });

  it('name a project by id or by name', async () => {
    const remove = (text: string, headers = {}) =>
      api.app
        .inject({ method: 'DELETE', url: `/api/v2.0/projects/${text}`, headers })
        .then((answer) => answer.json<ProjectKey>());
    expect(await remove('12')).toEqual({ by: 'id', id: 12 });
    expect(await remove('team')).toEqual({ by: 'name', name: 'team' });
    expect(await remove('12', { 'X-Is-Resource-Name': 'true' })).toEqual({ by: 'name', name: '12' });
    expect(await remove('12', { 'X-Is-Resource-Name': 'false' })).toEqual({ by: 'id', id: 12 });
    expect(await remove('99999999999')).toEqual({ by: 'name', name: '99999999999' });
  });
});

describe('parameters', () => {
  it('are converted to their types, with defaults for what is absent or empty', async () => {
    const answer = await get('/api/v2.0/labels?scope=g&page=&with_detail=0&status=a,b&evil=1');
    expect(answer.json()).toEqual({
      query: { page: 1, page_size: 10, scope: 'g', with_detail: false, status: ['a', 'b'] },
      terms: [],
    });
  });

  it('count once: the last one', async () => {
    const answer = await get('/api/v2.0/labels?scope=p&scope=g&page=2&page=3');
    expect(answer.json()).toMatchObject({ query: { scope: 'g', page: 3 } });
  });

  it.each([
    ['/api/v2.0/labels?scope=g&page_size=101', 'page_size in query must not be greater than 100'],
    ['/api/v2.0/labels?scope=g&page=one', 'page in query must be an integer number'],
    ['/api/v2.0/labels?scope=g&page=1.5', 'page in query must be an integer number'],
    ['/api/v2.0/labels?scope=g&with_detail=maybe', 'with_detail in query must be a boolean value'],
    ['/api/v2.0/labels?scope=x', 'scope in query must be one of the following values: g, p'],
    ['/api/v2.0/users/bob', 'user_id in path must be an integer number'],
  ])('that do not fit are 422: %s', async (url, fault) => {
    const answer = await get(url);
    expect(answer.statusCode).toBe(422);
    expect(errorOf(answer)).toEqual({ code: 'UNPROCESSABLE_ENTITY', message: `validation failure list:\n${fault}` });
  });

  it('report all their faults together', async () => {
    const lines = errorOf(await get('/api/v2.0/labels?page=x&page_size=200')).message.split('\n');
    expect(
      lines
        .slice(1)
        .map((line) => line.split(' ')[0])
        .sort(),
    ).toEqual(['page', 'page_size', 'scope']);
  });
});
