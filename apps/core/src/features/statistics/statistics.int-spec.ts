import { Role } from '@breakwater/rbac';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestCore, type TestCore } from '../../testing/test-core.js';

let core: TestCore;
beforeAll(async () => {
  core = await createTestCore();
  await core.addUser('ann');
  await core.addProject('open', { isPublic: true });
  await core.addProject('own', { members: { ann: Role.guest } });
  await core.addProject('other');
});
afterAll(() => core.close());

describe('GET /statistics', () => {
  it('counts what is public and one’s own, and no totals', async () => {
    expect((await core.as('ann').get('/statistics')).body).toEqual({
      private_project_count: 1,
      private_repo_count: 0,
      public_project_count: 1,
      public_repo_count: 0,
      total_project_count: 0,
      total_repo_count: 0,
      total_storage_consumption: 0,
    });
  });

  it('counts everything for an administrator', async () => {
    expect((await core.admin.get('/statistics')).body).toMatchObject({
      private_project_count: 2,
      public_project_count: 1,
      total_project_count: 3,
      total_storage_consumption: 0,
    });
  });
});
