import { projectPermissions } from './project-permissions.js';
import { robotGrantable } from './robot-permissions.js';
import type { RoleId } from './role.js';
import { systemPermissions } from './system-permissions.js';

/** Distributes over the rows, so that a resource only goes with actions that some table gives it. */
type PairOf<Row> = Row extends { readonly resource: infer R; readonly action: infer A }
  ? { readonly resource: R; readonly action: A }
  : never;

/**
 * Pulls past the pull policies of a project. No role has it and no system administrator either:
 * only the credential that is made for one scan.
 */
const SCANNER_PULL = { resource: 'repository', action: 'scanner-pull' } as const;

/** One thing to do to one kind of resource, e.g. `{ resource: 'repository', action: 'push' }`. */
export type Permission = PairOf<
  | (typeof projectPermissions)[number]
  | (typeof systemPermissions)[number]
  | (typeof robotGrantable)['system' | 'project'][number]
  | typeof SCANNER_PULL
>;

export type Resource = Permission['resource'];
export type Action = Permission['action'];

type NameOf<P> = P extends { readonly resource: infer R extends string; readonly action: infer A extends string }
  ? `${R}:${A}`
  : never;

/** A permission in one word, as decorators and messages write it: `repository:push`. */
export type PermissionName = NameOf<Permission>;

export function permissionName(permission: Permission): PermissionName {
  return `${permission.resource}:${permission.action}` as PermissionName;
}

/** The permission that `text` names, or null where no table knows it (a robot's stored right of another version). */
export function findPermission(text: string): Permission | null {
  return BY_NAME.get(text) ?? null;
}

export function permission(name: PermissionName): Permission {
  return BY_NAME.get(name) as Permission;
}

/** Who has `permission` inside a project: its row of the table, or null where only an administrator or a robot can. */
export function findProjectRow(
  permission: Permission,
): { readonly roles: readonly RoleId[]; readonly isPublic: boolean } | null {
  return PROJECT_ROWS.get(permissionName(permission)) ?? null;
}

/** May a robot be given `permission` in an entry of this kind? */
export function isRobotGrantable(kind: 'system' | 'project', permission: Permission): boolean {
  return GRANTABLE[kind].has(permissionName(permission));
}

/** The one permission that being a system administrator does not give. */
export function isScannerPull(permission: Permission): boolean {
  return permission.action === SCANNER_PULL.action;
}

/**
 * Where the permission lives, as `GET users/current/permissions` prints it: `/project/7/repository`, `/system/user`;
 * relative to the scope, `repository`. The project itself has no resource of its own: `/project/7`, relative ``.
 */
export function resourcePath(scope: `/project/${number}` | '/system', resource: Resource, isRelative: boolean): string {
  const own = resource === 'project' && scope !== '/system' ? '' : resource;
  if (isRelative) return own;
  return own === '' ? scope : `${scope}/${own}`;
}

const ALL: readonly Permission[] = [
  ...projectPermissions,
  ...systemPermissions,
  ...robotGrantable.system,
  ...robotGrantable.project,
  SCANNER_PULL,
].map(({ resource, action }) => ({ resource, action }) as Permission);

const BY_NAME: ReadonlyMap<string, Permission> = new Map(ALL.map((each) => [permissionName(each), each]));

const PROJECT_ROWS: ReadonlyMap<string, (typeof projectPermissions)[number]> = new Map(
  projectPermissions.map((row) => [`${row.resource}:${row.action}`, row]),
);

const GRANTABLE = {
  system: new Set<string>(robotGrantable.system.map((row) => `${row.resource}:${row.action}`)),
  project: new Set<string>(robotGrantable.project.map((row) => `${row.resource}:${row.action}`)),
} as const;
