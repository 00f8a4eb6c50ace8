import { Role } from '@breakwater/rbac';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestCore, type TestCore } from '../../testing/test-core.js';
import type { SearchResponse } from './search.dto.js';

let core: TestCore;
beforeAll(async () => {
  core = await createTestCore();
  await core.addUser('ann');
  await core.addProject('open-tools', { isPublic: true });
  await core.addProject('secret-tools', { members: { ann: Role.guest } });
  await core.addProject('others-tools');
  await core.services.database.rows(
    `INSERT INTO repository (project_id, name, listed_at) SELECT id, name || '/compiler', now() FROM project`,
  );
});
afterAll(() => core.close());

const names = async (caller: TestCore['admin'], q: string): Promise<[projects: string[], repositories: string[]]> => {
  const { body } = await caller.get<SearchResponse>(`/search?q=${q}`);
  return [body.project.map(({ name }) => name ?? ''), body.repository.map((each) => each.repository_name ?? '')];
};

describe('GET /search', () => {
  it('finds among what the caller may see', async () => {
    expect(await names(core.anonymous, 'tools')).toEqual([['open-tools'], ['open-tools/compiler']]);
    expect(await names(core.as('ann'), 'tools')).toEqual([
      ['open-tools', 'secret-tools'],
      ['open-tools/compiler', 'secret-tools/compiler'],
    ]);
    expect((await names(core.admin, 'tools'))[0]).toEqual(['open-tools', 'others-tools', 'secret-tools']);
  });

  it('finds repositories by a part of their own name, in any case', async () => {
    expect(await names(core.anonymous, 'COMP')).toEqual([[], ['open-tools/compiler']]);
    expect(await names(core.anonymous, 'nothing')).toEqual([[], []]);
  });

  it('shows projects as lists do, and of a repository where it is', async () => {
    const { body } = await core.as('ann').get<SearchResponse>('/search?q=secret');
    expect(body.project).toMatchObject([{ name: 'secret-tools', repo_count: 1, current_user_role_id: 3 }]);
    expect(body.repository).toEqual([
      {
        project_id: body.project[0]?.project_id,
        project_name: 'secret-tools',
        repository_name: 'secret-tools/compiler',
      },
    ]);
  });

  it('needs something to look for', async () => {
    for (const query of ['', '?q=']) expect((await core.anonymous.get(`/search${query}`)).status).toBe(422);
  });
});
