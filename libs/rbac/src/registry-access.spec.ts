import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  ANONYMOUS,
  type Actor,
  type PermissionName,
  type ProjectSubject,
  type RobotActor,
  type UserActor,
} from './index.js';
import { permission } from './permission.js';
import { allowedAccess, registryActions } from './registry-access.js';
import { ROLES_BY_POWER, type RoleId } from './role.js';
import { formatScopes, grant, parseScopes } from './token-scope.js';

const bob: UserActor = { kind: 'user', accountId: 2, name: 'bob', isSystemAdmin: false, incarnation: 'a' };
const admin: UserActor = { ...bob, isSystemAdmin: true };
const project = (roles: RoleId[], isPublic = false): ProjectSubject => ({
  scope: 'project',
  projectId: 7,
  isPublic,
  roles,
});
const robot = (...names: PermissionName[]): RobotActor => ({
  kind: 'robot',
  robotId: 1,
  name: 'robot$team+ci',
  level: 'project',
  incarnation: 'r',
  grants: [
    {
      scope: 'project',
      projectId: 7,
      access: names.map((each) => ({ permission: permission(each), effect: 'allow' })),
    },
  ],
});

describe('registryActions', () => {
  it.each<[string, Actor, ProjectSubject, string[]]>([
    ['a project administrator', bob, project([1]), ['pull', 'push', 'delete']],
    ['a maintainer', bob, project([4]), ['pull', 'push', 'delete']],
    ['a developer', bob, project([2]), ['pull', 'push']],
    ['a guest', bob, project([3]), ['pull']],
    ['a limited guest', bob, project([5]), ['pull']],
    ['a stranger to a private project', bob, project([]), []],
    ['anybody on a public project', ANONYMOUS, project([], true), ['pull']],
    ['nobody on a private project', ANONYMOUS, project([1]), []],
    ['a system administrator', admin, project([]), ['pull', 'push', 'delete']],
    ['a robot that pushes', robot('repository:push'), project([]), ['pull', 'push']],
    ['a robot that deletes artifacts through the API', robot('artifact:delete', 'tag:delete'), project([]), []],
  ])('%s', (_, actor, subject, actions) => expect(registryActions(actor, subject)).toEqual(actions));
});

describe('allowedAccess', () => {
  const subjects: Record<string, ProjectSubject> = { team: project([2]), open: project([], true) };
  const subjectOf = (repository: string) => subjects[repository.split('/')[0] ?? ''] ?? null;
  const tokenOf = (actor: Actor, scope: string) => {
    const asked = parseScopes(scope);
    return formatScopes(grant(asked, allowedAccess(actor, asked, subjectOf)));
  };

  it('carries what was asked for and no more', () => {
    expect(tokenOf(bob, 'repository:team/app:pull')).toBe('repository:team/app:pull');
    expect(tokenOf(bob, 'repository:team/app:pull,push,delete')).toBe('repository:team/app:pull,push');
    expect(tokenOf(bob, 'repository:team/app:push repository:open/base:pull,push')).toBe(
      'repository:team/app:push repository:open/base:pull',
    );
  });

  it('allows nothing in a project that does not exist, and the catalog to administrators only', () => {
    expect(tokenOf(admin, 'repository:nowhere/app:*')).toBe('');
    expect(tokenOf(bob, 'registry:catalog:*')).toBe('');
    expect(tokenOf(admin, 'registry:catalog:*')).toBe('registry:catalog:*');
  });

  it('never gives an anonymous caller more than pull on public projects', () => {
    const scope = fc.constantFrom('team/app', 'open/base', 'nowhere/x').map((each) => `repository:${each}:*`);
    fc.assert(
      fc.property(fc.array(scope), fc.subarray([...ROLES_BY_POWER]), fc.boolean(), (scopes, roles, isPublic) => {
        const asked = parseScopes(scopes);
        const granted = grant(
          asked,
          allowedAccess(ANONYMOUS, asked, () => project(roles, isPublic)),
        );
        for (const each of granted) expect([isPublic, each.actions]).toEqual([true, ['pull']]);
        expect(granted.length).toBe(isPublic ? asked.length : 0);
      }),
    );
  });
});
