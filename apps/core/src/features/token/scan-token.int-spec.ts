import type { PullCredential } from '@breakwater/accounts';
import { RepositoryName } from '@breakwater/oci';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readServedOperations } from '../../testing/actors/ask.js';
import { OPERATION_ACCESS } from '../../testing/actors/operation-access.js';
import { Caller } from '../../testing/caller.js';
import { createTestCore, type TestCore } from '../../testing/test-core.js';

const APP = RepositoryName.parse('secret/app');
const SCOPES = ['repository:secret/app:pull,push,delete', 'repository:secret/other:pull', 'repository:open/app:pull'];

let core: TestCore;
let scan: Caller;
let credential: PullCredential;
beforeAll(async () => {
  core = await createTestCore();
  const { id } = await core.addProject('secret');
  await core.addProject('open', { isPublic: true });
  const project = await core.services.projects.find({ by: 'id', id });
  credential = await core.services.accounts.pullCredentials.issue({
    ...{ projectId: id, projectIncarnation: project?.incarnation ?? '', repository: APP },
    ...{ ttlSeconds: 900, holder: 'task:1' },
  });
  scan = new Caller(core.app, { username: credential.username, password: credential.secret });
});
afterAll(() => core.close());

const tokenPath = `/service/token?service=harbor-registry&${SCOPES.map((scope) => `scope=${scope}`).join('&')}`;
const post = (form: Record<string, string>) =>
  core.anonymous.post<{ token: string; refresh_token?: string }>(
    '/service/token',
    new URLSearchParams({ service: 'harbor-registry', grant_type: 'password', ...form }).toString(),
    { 'content-type': 'application/x-www-form-urlencoded' },
  );

describe('the pull credential of a scan', () => {
  it('gets a token for the one repository, asked by query or by form', async () => {
    const { username, secret: password } = credential;
    const answers = [
      await scan.get<{ token: string }>(tokenPath),
      await post({ username, password, scope: SCOPES.join(' '), access_type: 'offline' }),
    ];
    for (const { status, body } of answers) {
      expect(status).toBe(200);
      const identity = await core.services.accounts.authenticator.byToken(body.token);
      expect(identity.access).toEqual([{ type: 'repository', name: APP, actions: ['pull'] }]);
      expect(identity.actor).toMatchObject({ kind: 'scanner', repository: APP });
      // It is there to be over: nothing that outlives it is made of it.
      expect(body).not.toHaveProperty('refresh_token');
    }
  });

  it('is as good as wrong for every operation that looks at credentials', async () => {
    for (const { id, method, path } of await readServedOperations()) {
      if (OPERATION_ACCESS[id]?.to === 'open' || id === 'getToken') continue;
      const url = path.replace(/\{project_name(_or_id)?\}/g, 'open').replace(/[{}]/g, '');
      expect([id, (await scan.send(method, url)).status]).toEqual([id, 401]);
    }
  });

  it('opens nothing once it is revoked', async () => {
    await core.services.accounts.pullCredentials.revoke('task:1');
    expect((await scan.get(tokenPath)).status).toBe(401);
    expect((await post({ username: credential.username, password: credential.secret })).status).toBe(401);
  });
});
