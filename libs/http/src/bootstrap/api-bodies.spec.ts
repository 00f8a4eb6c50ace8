import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { errorOf, TestApi } from '../testing/test-api.js';

let api: TestApi;
beforeAll(async () => {
  api = await TestApi.start();
});
afterAll(() => api.close());

const send: TestApi['send'] = (...request) => api.send(...request);

describe('bodies', () => {
  const post = (body: string, type?: string) => send('POST', '/api/v2.0/echo', body, type);

  it('lose what the operation does not know', async () => {
    const body = { project_name: 'p', admin: true, metadata: { public: 'true', x: 1 }, labels: { any: 'thing' } };
    expect((await post(JSON.stringify(body))).json()).toEqual({
      project_name: 'p',
      metadata: { public: 'true' },
      labels: { any: 'thing' },
    });
  });

  it.each([
    ['{"project_name":7}', 'project_name in body must be a string'],
    ['{"project_name":"p","storage_limit":"7"}', 'storage_limit in body must be an integer number'],
    ['{"project_name":"p","metadata":{"public":true}}', 'metadata.public in body must be a string'],
    ['{"project_name":', 'body in body is not JSON'],
    ['[]', 'body in body must be of type object'],
    ['"x"', 'body in body must be of type object'],
    [`{"project_name":"p","labels":${'['.repeat(100)}${']'.repeat(100)}}`, 'body in body is nested too deeply'],
  ])('that do not fit are 422: %s', async (body, fault) => {
    const answer = await post(body);
    expect([answer.statusCode, errorOf(answer).message]).toEqual([422, expect.stringContaining(fault)]);
  });

  it.each(['', 'null', '{}'])('that are missing something say what: %p', async (body) => {
    const answer = await post(body);
    expect([answer.statusCode, errorOf(answer).message]).toEqual([
      422,
      expect.stringContaining('project_name in body'),
    ]);
  });

  it.each(['text/plain', 'application/xml', 'application/x-www-form-urlencoded'])(
    'of type %s are 422',
    async (type) => {
      const answer = await post('{"project_name":"p"}', type);
      expect([answer.statusCode, errorOf(answer).code]).toEqual([422, 'UNPROCESSABLE_ENTITY']);
    },
  );

  it('may be forms only where forms are read', async () => {
    const answer = await send('POST', '/c/login', 'principal=a&password=b%20c', 'application/x-www-form-urlencoded');
    expect(answer.json()).toEqual({ principal: 'a', password: 'b c' });
  });

  it('that are too large are 413', async () => {
    const answer = await post(JSON.stringify({ project_name: 'x'.repeat(1000) }));
    expect([answer.statusCode, errorOf(answer).code]).toEqual([413, 'REQUEST_ENTITY_TOO_LARGE']);
  });

  it('cannot reach a prototype', async () => {
    const answer = await post('{"project_name":"p","__proto__":{"x":1},"labels":{"__proto__":{"polluted":"yes"}}}');
    expect(answer.statusCode).toBe(200);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('may be announced and empty, as with a DELETE of many clients', async () => {
    const answer = await send('DELETE', '/api/v2.0/projects/7', '');
    expect([answer.statusCode, answer.json()]).toEqual([200, { by: 'id', id: 7 }]);
  });
});
