import { Role } from '@breakwater/rbac';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestCore, type TestCore } from '../../testing/test-core.js';
import type { PermissionsResponse } from './permissions.dto.js';

let core: TestCore;
beforeAll(async () => {
  core = await createTestCore();
  for (const name of ['boss', 'maintainer']) await core.addUser(name);
  await core.addProject('team', { members: { boss: Role.projectAdmin, maintainer: Role.maintainer } });
});
afterAll(() => core.close());

describe('GET /permissions', () => {
  it('shows an administrator what robots of both levels can be given', async () => {
    const { body } = await core.admin.get<PermissionsResponse>('/permissions');
    expect(body.system).toHaveLength(70);
    expect(body.project).toHaveLength(70);
    expect(body.project).toContainEqual({ resource: 'repository', action: 'push' });
  });

  it('shows the administrator of a project what its robots can be given', async () => {
    const { body } = await core.as('boss').get<PermissionsResponse>('/permissions');
    expect(Object.keys(body)).toEqual(['project']);
  });

  it('shows nothing to anybody else', async () => {
    expect((await core.as('maintainer').get('/permissions')).status).toBe(403);
    expect((await core.anonymous.get('/permissions')).status).toBe(401);
  });
});
