/** Role ids as the API and the database write them. The numbers are history; power is `ROLES_BY_POWER`. */
export type RoleId = 1 | 2 | 3 | 4 | 5;

export type RoleName = 'projectAdmin' | 'developer' | 'guest' | 'maintainer' | 'limitedGuest';

export const Role = {
  projectAdmin: 1,
  developer: 2,
  guest: 3,
  maintainer: 4,
  limitedGuest: 5,
} as const satisfies Record<RoleName, RoleId>;

export const ROLE_NAME = {
  1: 'projectAdmin',
  2: 'developer',
  3: 'guest',
  4: 'maintainer',
  5: 'limitedGuest',
} as const satisfies Record<RoleId, RoleName>;

/** Strongest first: each role may do everything that the next one may. */
export const ROLES_BY_POWER = [1, 4, 2, 3, 5] as const satisfies readonly RoleId[];

export function isRoleId(value: unknown): value is RoleId {
  return ROLES_BY_POWER.some((role) => role === value);
}

/** The role that `current_user_role_id` shows of the several that a member can hold; null for no role at all. */
export function strongestRole(roles: readonly RoleId[]): RoleId | null {
  return ROLES_BY_POWER.find((role) => roles.includes(role)) ?? null;
}

export function weakestRole(roles: readonly RoleId[]): RoleId | null {
  return ROLES_BY_POWER.findLast((role) => roles.includes(role)) ?? null;
}
