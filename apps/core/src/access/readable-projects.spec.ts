import { ANONYMOUS, permission, type PermissionName, type RobotActor, type RobotGrant } from '@breakwater/rbac';
import { describe, expect, it } from '@jest/globals';
import { ReadableProjects } from './readable-projects.js';

const projects = new ReadableProjects({ memberProjectIds: () => Promise.resolve([4, 9]) } as never);

const access = (...names: PermissionName[]) =>
  names.map((name) => ({ permission: permission(name), effect: 'allow' as const }));
const robot = (...grants: RobotGrant[]): RobotActor => ({
  kind: 'robot',
  robotId: 3,
  name: 'robot$ci',
  level: 'system',
  grants,
  incarnation: '1',
});
const user = { kind: 'user', accountId: 7, name: 'ann', isSystemAdmin: false, incarnation: '1' } as const;

describe('ReadableProjects', () => {
  it('are those of the memberships, and all of them for an administrator', async () => {
    expect(await projects.of(user)).toEqual({ all: false, projectIds: [4, 9] });
    expect(await projects.of({ ...user, isSystemAdmin: true })).toEqual({ all: true });
    expect(await projects.of({ kind: 'system', name: 'jobservice' })).toEqual({ all: true });
    const nobody = new ReadableProjects({ memberProjectIds: () => Promise.resolve([]) } as never);
    expect(await nobody.of(ANONYMOUS)).toEqual({ all: false, projectIds: [] });
  });

  it('are those that a robot has grants on, or where it has the one that is asked for', async () => {
    const some = robot(
      { scope: 'project', projectId: 1, access: access('repository:pull') },
      { scope: 'project', projectId: 2, access: access('repository:list') },
      { scope: 'system', access: access('project:create') },
    );
    expect(await projects.of(some)).toEqual({ all: false, projectIds: [1, 2] });
    expect(await projects.of(some, 'repository:list')).toEqual({ all: false, projectIds: [2] });
  });

  it('are all of them for a robot with a grant on all', async () => {
    const all = robot(
      { scope: 'all-projects', access: access('repository:list') },
      { scope: 'project', projectId: 2, access: access('repository:pull') },
    );
    expect(await projects.of(all)).toEqual({ all: true });
    expect(await projects.of(all, 'repository:list')).toEqual({ all: true });
    expect(await projects.of(all, 'repository:pull')).toEqual({ all: false, projectIds: [2] });
  });
});
