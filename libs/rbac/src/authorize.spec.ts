import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { RepositoryName } from '@breakwater/oci';
import { ANONYMOUS, type Actor, type RobotActor, type RobotGrant, type ScannerActor, type UserActor } from './actor.js';
import { authorize, can, decide, NO_PROJECT, SYSTEM, type ProjectSubject } from './authorize.js';
import { findProjectRow, permission, permissionName, type Permission, type PermissionName } from './permission.js';
import { projectPermissions } from './project-permissions.js';
import { ForbiddenError, UnauthenticatedError } from './rbac.errors.js';
import { robotGrantable } from './robot-permissions.js';
import { ROLES_BY_POWER, type RoleId } from './role.js';

const bob: UserActor = { kind: 'user', accountId: 2, name: 'bob', isSystemAdmin: false, incarnation: 'a' };
const admin: UserActor = { ...bob, accountId: 1, name: 'admin', isSystemAdmin: true };

const project = (roles: RoleId[], isPublic = false, projectId = 7): ProjectSubject => ({
  scope: 'project',
  projectId,
  isPublic,
  roles,
});

const scan: ScannerActor = {
  kind: 'scanner',
  name: 'scanner$1',
  credentialId: '1',
  projectId: 7,
  repository: RepositoryName.parse('team/app'),
};

const robot = (level: 'system' | 'project', ...grants: RobotGrant[]): RobotActor => ({
  kind: 'robot',
  robotId: 3,
  name: 'robot$ci',
  level,
  grants,
  incarnation: 'r',
});

const allow = (...names: PermissionName[]) =>
  names.map((name) => ({ permission: permission(name), effect: 'allow' as const }));
const deny = (name: PermissionName) => ({ permission: permission(name), effect: 'deny' as const });

const everyPermission: Permission[] = [
  ...projectPermissions,
  ...robotGrantable.system,
  ...robotGrantable.project,
  { resource: 'repository', action: 'scanner-pull' } as const,
].map((row) => permission(`${row.resource}:${row.action}` as PermissionName));

const anyPermission = fc.constantFrom(...everyPermission);
const anyRoles = fc.subarray([...ROLES_BY_POWER]);

describe('authorize', () => {
  it('follows the table for every role and every row', () => {
    for (const row of projectPermissions) {
      const wanted = permission(`${row.resource}:${row.action}` as PermissionName);
      for (const role of ROLES_BY_POWER) {
        const has = (row.roles as readonly RoleId[]).includes(role);
        expect([permissionName(wanted), role, can(bob, wanted, project([role]))]).toEqual([
          permissionName(wanted),
          role,
          has,
        ]);
      }
    }
  });

  it('unites several roles', () => {
    fc.assert(
      fc.property(anyPermission, anyRoles, fc.boolean(), (wanted, roles, isPublic) => {
        const single = [[], ...roles.map((role) => [role])].some((one) => can(bob, wanted, project(one, isPublic)));
        expect(can(bob, wanted, project(roles, isPublic))).toBe(single);
      }),
    );
  });

  it('lets a system administrator do everything but pull as a scanner does', () => {
    fc.assert(
      fc.property(anyPermission, fc.constantFrom(SYSTEM, project([]), NO_PROJECT), (wanted, subject) => {
        expect(can(admin, wanted, subject)).toBe(wanted.action !== 'scanner-pull');
      }),
    );
  });

  it('never allows an anonymous caller anything in a private project or on the system, whatever roles are passed', () => {
    fc.assert(
      fc.property(anyPermission, anyRoles, (wanted, roles) => {
        expect(can(ANONYMOUS, wanted, project(roles))).toBe(false);
        expect(can(ANONYMOUS, wanted, SYSTEM)).toBe(false);
      }),
    );
  });

  it('gives everybody exactly the public column of a public project', () => {
    const strangers: Actor[] = [ANONYMOUS, bob, robot('project'), robot('system')];
    for (const wanted of everyPermission) {
      const open = findProjectRow(wanted)?.isPublic === true;
      expect(strangers.map((actor) => can(actor, wanted, project([], true)))).toEqual([open, open, open, open]);
    }
  });

  it('gives ordinary users nothing on the system', () => {
    for (const wanted of everyPermission) expect(can(bob, wanted, SYSTEM)).toBe(false);
  });

  it("lets the product's own processes do what has a check", () => {
    expect(can({ kind: 'system', name: 'jobservice' }, permission('repository:delete'), project([]))).toBe(true);
  });
});

describe('robots', () => {
  it('pull with push alone only when they belong to one project', () => {
    const onProject: RobotGrant = { scope: 'project', projectId: 7, access: allow('repository:push') };
    expect(can(robot('project', onProject), permission('repository:pull'), project([]))).toBe(true);
    expect(can(robot('system', onProject), permission('repository:pull'), project([]))).toBe(false);
  });

  it('are held to the project of the grant, and ignore roles', () => {
    const ci = robot('project', { scope: 'project', projectId: 7, access: allow('repository:push') });
    expect(can(ci, permission('repository:push'), project([1], false, 8))).toBe(false);
    expect(can(ci, permission('artifact:delete'), project([1]))).toBe(false);
  });

  it('with all projects cover every project and nothing of the system', () => {
    const wide = robot('system', { scope: 'all-projects', access: allow('label:create', 'quota:read') });
    expect(can(wide, permission('label:create'), project([], false, 99))).toBe(true);
    expect(can(wide, permission('label:create'), SYSTEM)).toBe(false);
  });

  it('on the system cover no project', () => {
    const system = robot('system', { scope: 'system', access: allow('label:create') });
    expect(can(system, permission('label:create'), SYSTEM)).toBe(true);
    expect(can(system, permission('label:create'), project([]))).toBe(false);
  });

  it('obey a denial before any grant, also for the pull that a push implies', () => {
    const access = [...allow('repository:push', 'repository:pull'), deny('repository:pull')];
    const ci = robot('project', { scope: 'project', projectId: 7, access });
    expect(can(ci, permission('repository:push'), project([]))).toBe(true);
    expect(can(ci, permission('repository:pull'), project([]))).toBe(false);
  });

  it('that scan have scanner-pull by their grant', () => {
    const scan = robot('project', { scope: 'project', projectId: 7, access: allow('repository:scanner-pull') });
    expect(can(scan, permission('repository:scanner-pull'), project([]))).toBe(true);
  });
});

describe('a scan', () => {
  it('pulls from its repository past the pull policies, and may do nothing else anywhere', () => {
    const subjects: [string, Parameters<typeof can>[2]][] = [
      ['its repository', { ...project([]), repository: scan.repository }],
      ['its repository, in public', { ...project([], true), repository: scan.repository }],
      ['another repository', { ...project([], true), repository: RepositoryName.parse('team/other') }],
      ['the same name in another project', { ...project([], true, 8), repository: scan.repository }],
      ['the project', project([...ROLES_BY_POWER], true)],
      ['nothing', NO_PROJECT],
      ['the system', SYSTEM],
    ];
    const granted = subjects.flatMap(([where, subject]) =>
      [...new Set(everyPermission)]
        .filter((wanted) => can(scan, wanted, subject))
        .map((wanted) => [where, permissionName(wanted)]),
    );
    expect(granted.sort()).toEqual(
      ['its repository, in public', 'its repository'].flatMap((where) => [
        [where, 'repository:pull'],
        [where, 'repository:scanner-pull'],
      ]),
    );
  });
});

describe('the explanation of a refusal', () => {
  it.each<[string, Actor, PermissionName, ProjectSubject | typeof SYSTEM, string, string]>([
    [
      'names the weakest role that would do',
      bob,
      'repository:push',
      project([3]),
      'forbidden',
      'bob (guest) lacks the permission repository:push in this project; the role developer would grant it',
    ],
    [
      'asks to sign in',
      ANONYMOUS,
      'repository:pull',
      project([]),
      'unauthenticated',
      'nobody is signed in, and an anonymous caller lacks the permission repository:pull in this project; the role limitedGuest would grant it',
    ],
    [
      'knows what no role has',
      bob,
      'metadata:list',
      project([1]),
      'forbidden',
      'bob (projectAdmin) lacks the permission metadata:list in this project; a system administrator has it',
    ],
    [
      'tells a robot about its grants',
      robot('project'),
      'tag:delete',
      project([]),
      'forbidden',
      'the robot robot$ci lacks the permission tag:delete in this project; its grants do not include it',
    ],
    [
      'speaks of the system',
      bob,
      'user:list',
      SYSTEM,
      'forbidden',
      'bob lacks the permission user:list on the system; a system administrator has it',
    ],
    [
      'does not send an administrator to himself',
      admin,
      'repository:scanner-pull',
      project([]),
      'forbidden',
      'admin lacks the permission repository:scanner-pull in this project; only a scan has it',
    ],
  ])('%s', (_, actor, name, subject, because, explanation) => {
    expect(decide(actor, permission(name), subject)).toEqual({ allowed: false, because, explanation });
  });

  it('does not tell a private project from one that does not exist', () => {
    for (const wanted of everyPermission) {
      for (const actor of [ANONYMOUS, bob, robot('system'), scan]) {
        expect(decide(actor, wanted, project([]))).toEqual(decide(actor, wanted, NO_PROJECT));
      }
    }
  });

  it('is the message of the error', () => {
    expect(() => authorize(ANONYMOUS, permission('repository:pull'), project([]))).toThrow(UnauthenticatedError);
    expect(() => authorize(bob, permission('repository:pull'), project([]))).toThrow(ForbiddenError);
    expect(() => authorize(bob, permission('repository:pull'), project([5]))).not.toThrow();
  });
});
