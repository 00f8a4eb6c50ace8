import { describe, expect, it } from '@jest/globals';
import { isRobotGrantable, permission, permissionName, type PermissionName } from './permission.js';
import { projectPermissions } from './project-permissions.js';
import { robotGrantable } from './robot-permissions.js';
import { Role, ROLES_BY_POWER, type RoleId } from './role.js';
import { systemPermissions } from './system-permissions.js';

/** Rows that are easy to get wrong, written down a second time: letters of the roles, `+` for the public. */
const TRICKY: Record<string, string> = {
  'project:read': 'AMDGL+',
  'project:update': 'A',
  'accessory:list': 'AMDGL+',
  'artifact:create': 'AMD',
  'artifact:delete': 'AM',
  'artifact-addition:read': 'AMDGL+',
  'artifact-label:create': 'AMD',
  'configuration:read': 'AMDGL',
  'export-cve:list': 'AMD',
  'immutable-tag:list': 'AM',
  'label:read': 'AMDG+',
  'label:list': 'AMDG+',
  'log:list': 'A',
  'member:list': 'AMDG',
  'metadata:create': 'A',
  'metadata:read': 'AM',
  'notification-policy:list': 'AM',
  'preheat-policy:read': 'A',
  'quota:read': 'AMDGL',
  'repository:read': 'AMDGL',
  'repository:list': 'AMDGL+',
  'repository:pull': 'AMDGL+',
  'repository:push': 'AMD',
  'repository:delete': 'AM',
  'robot:read': 'AMDG',
  'robot:create': 'A',
  'sbom:read': 'AMDGL',
  'scan:create': 'AM',
  'scan:read': 'AMDGL+',
  'scanner:read': 'AMDGL+',
  'scanner:create': 'A',
  'tag:create': 'AMD',
  'tag:delete': 'AM',
  'tag-retention:operate': 'AMD',
};

const LETTER: Record<RoleId, string> = { 1: 'A', 4: 'M', 2: 'D', 3: 'G', 5: 'L' };

describe('the table of project permissions', () => {
  const compact = new Map(
    projectPermissions.map((row) => [
      `${row.resource}:${row.action}`,
      row.roles.map((role) => LETTER[role]).join('') + (row.isPublic ? '+' : ''),
    ]),
  );

  it.each(Object.entries(TRICKY))('%s belongs to %s', (name, who) => {
    expect(compact.get(name)).toBe(who);
  });

  it('has 75 rows, none twice', () => {
    expect(projectPermissions).toHaveLength(75);
    expect(compact.size).toBe(75);
  });

  it.each(['metadata:list', 'immutable-tag:read', 'label:operate', 'repository:scanner-pull', 'artifact:update'])(
    'has no row for %s',
    (name) => expect(compact.has(name)).toBe(false),
  );

  it('opens to the public exactly what reading a public project takes', () => {
    const open = projectPermissions.filter((row) => row.isPublic).map((row) => `${row.resource}:${row.action}`);
    expect(open.sort()).toEqual([
      'accessory:list',
      'artifact-addition:read',
      'artifact:list',
      'artifact:read',
      'label:list',
      'label:read',
      'project:read',
      'repository:list',
      'repository:pull',
      'scan:read',
      'scanner:read',
      'tag:list',
    ]);
  });

  it('gives a stronger role all that a weaker one has', () => {
    for (const row of projectPermissions) {
      const roles: readonly RoleId[] = row.roles;
      expect(ROLES_BY_POWER.slice(0, roles.length)).toEqual(roles);
    }
  });

  it('counts what each role may do', () => {
    const count = (role: RoleId) =>
      projectPermissions.filter((row) => (row.roles as readonly RoleId[]).includes(role)).length;
    expect(Object.values(Role).map((role) => [role, count(role)])).toEqual([
      [1, 75],
      [2, 36],
      [3, 20],
      [4, 53],
      [5, 14],
    ]);
  });
});

describe('the lists of system and robot permissions', () => {
  it('are as long as the ones they were taken from', () => {
    const extended = (kind: 'system' | 'project') => robotGrantable[kind].filter((row) => row.isExtended).length;
    expect(systemPermissions).toHaveLength(53);
    expect([robotGrantable.system.length, extended('system')]).toEqual([70, 17]);
    expect([robotGrantable.project.length, extended('project')]).toEqual([70, 11]);
  });

  it.each<[PermissionName, boolean, boolean]>([
    ['repository:push', false, true],
    ['repository:create', false, false],
    ['repository:scanner-pull', false, false],
    ['metadata:list', false, true],
    ['robot:update', false, false],
    ['project:create', true, false],
    ['project:delete', false, true],
    ['quota:update', true, false],
    ['catalog:read', true, false],
    ['configuration:update', false, false],
  ])('%s: grantable on the system %s, on a project %s', (name, onSystem, onProject) => {
    expect(isRobotGrantable('system', permission(name))).toBe(onSystem);
    expect(isRobotGrantable('project', permission(name))).toBe(onProject);
  });

  it('name every permission once', () => {
    for (const rows of [systemPermissions, robotGrantable.system, robotGrantable.project]) {
      const names = rows.map((row) => permissionName(permission(`${row.resource}:${row.action}` as PermissionName)));
      expect(new Set(names).size).toBe(rows.length);
    }
  });
});
