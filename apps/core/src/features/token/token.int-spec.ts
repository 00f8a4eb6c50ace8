import { Role } from '@breakwater/rbac';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Caller, type Answer } from '../../testing/caller.js';
import { createTestCore, PASSWORD, type TestCore } from '../../testing/test-core.js';
import type { TokenResponse } from './token.dto.js';

let core: TestCore;
beforeAll(async () => {
  core = await createTestCore();
  for (const name of ['dev', 'guest', 'stranger']) await core.addUser(name);
  const members = { dev: Role.developer, guest: Role.guest };
  await core.addProject('secret', { members });
  await core.addProject('open', { isPublic: true, members });
});
afterAll(() => core.close());

const ask = (caller: Caller, ...scopes: string[]): Promise<Answer<TokenResponse>> =>
  caller.get(
    `/service/token?service=harbor-registry${scopes.map((scope) => `&scope=${encodeURIComponent(scope)}`).join('')}`,
  );

const post = (form: Record<string, string>): Promise<Answer<TokenResponse>> =>
  core.anonymous.post('/service/token', new URLSearchParams({ service: 'harbor-registry', ...form }).toString(), {
    'content-type': 'application/x-www-form-urlencoded',
  });

async function granted(answer: Answer<TokenResponse>): Promise<string[]> {
  expect(answer.status).toBe(200);
  const { access } = await core.services.accounts.authenticator.byToken(answer.body.token);
  return access.map(({ name, actions }) => `${name}:${actions.join(',')}`);
}

describe('GET /service/token', () => {
  it('answers as every client expects', async () => {
    const { body, headers } = await ask(core.as('dev'), 'repository:secret/app:pull');
    expect(body).toEqual({
      token: expect.any(String),
      access_token: body.token,
      expires_in: 1800,
      issued_at: expect.stringMatching(/Z$/),
    });
    expect(headers['cache-control']).toBe('no-store');
  });

  it.each([
    ['dev', 'repository:secret/app:pull,push,delete', ['secret/app:pull,push']],
    ['dev', 'repository:secret/app:*', ['secret/app:pull,push']],
    ['dev', 'repository:secret/app:pull', ['secret/app:pull']],
    ['guest', 'repository:secret/app:pull,push', ['secret/app:pull']],
    ['stranger', 'repository:secret/app:pull,push', []],
    ['stranger', 'repository:open/app:pull,push', ['open/app:pull']],
    ['admin', 'repository:secret/deep/er/app:pull,push,delete', ['secret/deep/er/app:pull,push,delete']],
    ['admin', 'repository:missing/app:pull,push', []],
    ['admin', 'repository:alpine:pull', []],
    ['admin', 'registry:catalog:*', ['catalog:*']],
    ['dev', 'registry:catalog:*', []],
    ['dev', 'plugin:secret/app:pull', []],
    ['dev', 'junk', []],
  ])('%s asks for %s and gets %j', async (username, scope, access) => {
    expect(await granted(await ask(core.as(username), scope))).toEqual(access);
  });

  it('takes scopes repeated and joined by spaces', async () => {
    const both = await ask(
      core.as('dev'),
      'repository:secret/a:pull repository:secret/b:push',
      'repository:open/c:pull',
    );
    expect(await granted(both)).toEqual(['secret/a:pull', 'secret/b:push', 'open/c:pull']);
  });

  it('gives anybody the pulls of public projects and nothing else', async () => {
    expect(
      await granted(await ask(core.anonymous, 'repository:open/app:pull,push', 'repository:secret/app:pull')),
    ).toEqual(['open/app:pull']);
    expect(await granted(await ask(core.anonymous, 'repository:secret/app:pull'))).toEqual([]);
  });

  it('needs somebody when no scope is asked for, and right credentials always', async () => {
    expect((await ask(core.as('stranger'))).status).toBe(200);
    expect((await ask(core.anonymous)).body).toEqual({ errors: [{ code: 'UNAUTHORIZED', message: 'unauthorized' }] });
    expect((await ask(core.anonymous, '')).status).toBe(401);
    const wrong = new Caller(core.app, { username: 'dev', password: 'Wrong-horse-7' });
    expect((await ask(wrong, 'repository:open/app:pull')).status).toBe(401);
  });

  it('refuses another service', async () => {
    const answer = await core.as('dev').get('/service/token?service=other');
    expect([answer.status, answer.body]).toEqual([
      400,
      { errors: [{ code: 'BAD_REQUEST', message: 'unable to handle service: other' }] },
    ]);
  });
});

describe('POST /service/token', () => {
  const scope = 'repository:secret/app:pull,push';

  it('takes a password', async () => {
    const answer = await post({ grant_type: 'password', username: 'dev', password: PASSWORD, scope });
    expect(await granted(answer)).toEqual(['secret/app:pull,push']);
    expect(answer.body).not.toHaveProperty('refresh_token');
    const wrong = await post({ grant_type: 'password', username: 'dev', password: 'Wrong-horse-7', scope });
    expect(wrong.status).toBe(401);
  });

  it('gives a refresh token to who asks for offline access, good for the rights of then', async () => {
    const offline = { access_type: 'offline', client_id: 'test' };
    const first = await post({ grant_type: 'password', username: 'guest', password: PASSWORD, scope, ...offline });
    const refreshToken = first.body.refresh_token ?? '';
    const again = await post({ grant_type: 'refresh_token', refresh_token: refreshToken, scope, ...offline });
    expect(await granted(again)).toEqual(['secret/app:pull']);
    expect(again.body.refresh_token).toBe(refreshToken);
    expect((await post({ grant_type: 'refresh_token', refresh_token: 'junk', scope })).status).toBe(401);
  });

  it.each([
    [{}, 400],
    [{ grant_type: 'authorization_code' }, 400],
    [{ grant_type: 'password', service: 'other' }, 400],
    [{ grant_type: 'password' }, 401],
  ])('refuses %j with %p', async (form, status) => {
    expect((await post(form as Record<string, string>)).status).toBe(status);
  });

  it('is the only path that reads forms', async () => {
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    expect((await core.admin.post('/users', 'username=x', form)).status).toBe(422);
  });
});
