import { describe, expect, it } from '@jest/globals';
import { readTokenGrant, readTokenRequest } from './token-request.js';

const OURS = 'harbor-registry';

describe('readTokenRequest', () => {
  it.each([
    [{}, []],
    [{ service: OURS }, []],
    [{ service: OURS, scope: 'repository:a/b:pull' }, ['repository:a/b:pull']],
    [
      { scope: ['repository:a/b:pull', 'repository:a/c:pull repository:a/d:push'] },
      ['repository:a/b:pull', 'repository:a/c:pull repository:a/d:push'],
    ],
    [{ scope: '', account: 'ann', offline_token: 'true' }, ['']],
  ])('%j', (query, scopes) => {
    expect(readTokenRequest(query, OURS)).toEqual({ scopes });
  });

  it('refuses another service', () => {
    expect(() => readTokenRequest({ service: 'other' }, OURS)).toThrow('unable to handle service: other');
  });
});

describe('readTokenGrant', () => {
  it('reads both grants', () => {
    const common = { service: OURS, scope: 'repository:a/b:pull', client_id: 'containerd' };
    expect(readTokenGrant({ ...common, grant_type: 'password', username: 'ann', password: 'x' }, OURS)).toEqual({
      kind: 'password',
      username: 'ann',
      password: 'x',
      scopes: ['repository:a/b:pull'],
      isOffline: false,
      client: 'containerd',
    });
    const refresh = { ...common, grant_type: 'refresh_token', refresh_token: 'r', access_type: 'offline' };
    expect(readTokenGrant(refresh, OURS)).toMatchObject({ kind: 'refresh-token', refreshToken: 'r', isOffline: true });
  });

  it.each([{}, { grant_type: 'authorization_code' }, { grant_type: ['password', 'code'] }])('refuses %j', (form) => {
    expect(() => readTokenGrant(form, OURS)).toThrow('grant_type must be');
  });
});
