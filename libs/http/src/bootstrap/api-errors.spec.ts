import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { errorOf, TestApi } from '../testing/test-api.js';

let api: TestApi;
beforeAll(async () => {
  api = await TestApi.start();
});
afterAll(() => api.close());

const get: TestApi['get'] = (...request) => api.get(...request);
const send: TestApi['send'] = (...request) => api.send(...request);

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

describe('errors of the API', () => {
  it('have the body of Harbor, byte for byte', async () => {
    const answer = await get('/api/v2.0/fail/app');
    expect(answer.statusCode).toBe(412);
    expect(answer.headers['content-type']).toBe('application/json; charset=utf-8');
    expect(answer.body).toBe('{"errors":[{"code":"PROJECTPOLICYVIOLATION","message":"short and stout"}]}\n');
  });

  it('that are ours say nothing and are logged with the id of the request', async () => {
    const answer = await get('/api/v2.0/fail/other?token=hunter3', { 'X-Request-Id': 'abc' });
    expect(answer.statusCode).toBe(500);
    expect(errorOf(answer)).toEqual({ code: 'UNKNOWN', message: 'internal server error' });
    const [error, request] = api.logged.at(-1) ?? [];
    expect(error).toMatchObject({ message: 'a secret: hunter2' });
    expect(request).toEqual({ requestId: 'abc', method: 'GET', path: '/api/v2.0/fail/other', status: 500 });
  });

  it('do not take the status of an error that is not of the framework', async () => {
    expect((await get('/api/v2.0/fail/foreign')).statusCode).toBe(500);
  });

  it('of a dependency ask to come back', async () => {
    const answer = await get('/api/v2.0/fail/database');
    expect([answer.statusCode, answer.headers['retry-after'], errorOf(answer).code]).toEqual([
      503,
      '5',
      'SERVICE_UNAVAILABLE',
    ]);
    expect(answer.body).not.toContain('10.0.0.1');
  });

  it('tell an unknown path from a wrong verb', async () => {
    const unknown = await get('/api/v2.0/nothing/here');
    expect([unknown.statusCode, errorOf(unknown).code]).toEqual([404, 'NOT_FOUND']);
    const wrong = await send('PUT', '/api/v2.0/projects/7');
    expect([wrong.statusCode, errorOf(wrong).code, wrong.headers.allow]).toEqual([405, 'METHOD_NOT_ALLOWED', 'DELETE']);
    expect((await send('HEAD', '/api/v2.0/labels?scope=g')).statusCode).toBe(405);
    expect((await send('HEAD', '/api/v2.0/projects')).statusCode).toBe(200);
  });
});

describe('request ids', () => {
  it('are echoed, or made, on every answer', async () => {
    expect((await get('/api/v2.0/users/1', { 'X-Request-Id': 'given-1' })).headers['x-request-id']).toBe('given-1');
    for (const url of ['/api/v2.0/users/1', '/nowhere', '/api/v2.0/fail/x', '/api/v2.0/labels?a;b', '/%zz', '/%ff']) {
      expect([url, (await get(url)).headers['x-request-id']]).toEqual([url, expect.stringMatching(UUID)]);
    }
  });

  it.each(['', 'a b', 'x'.repeat(129), 'ä'])('are not taken from %p', async (id) => {
    expect((await get('/api/v2.0/users/1', { 'X-Request-Id': id })).headers['x-request-id']).toMatch(UUID);
  });
});
