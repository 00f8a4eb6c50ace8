import { projectPermissions, Role, type PermissionName, type RoleId } from '@breakwater/rbac';
import type { ExpectedAccess } from './operation-access.js';

/** Everybody whom the product has to tell apart. */
export const ACTOR_KINDS = [
  'anonymous',
  'stranger',
  'limitedGuest',
  'guest',
  'developer',
  'maintainer',
  'projectAdmin',
  'systemAdmin',
  /** Was an administrator of the system and of the projects. */
  'disabled',
  'memberElsewhere',
  'adminElsewhere',
] as const;
export type ActorKind = (typeof ACTOR_KINDS)[number];

/** Their own roles in the projects that the operations act on. */
export const ROLE_OF: Readonly<Partial<Record<ActorKind, RoleId>>> = {
  limitedGuest: Role.limitedGuest,
  guest: Role.guest,
  developer: Role.developer,
  maintainer: Role.maintainer,
  projectAdmin: Role.projectAdmin,
  disabled: Role.projectAdmin,
};

export type Outcome = 'allowed' | 'unauthenticated' | 'forbidden';

/** On what an operation acts: a private or a public project, or the caller's own account. */
export type Target = 'system' | 'self' | 'private' | 'public';

/** What must come of it, by the table of permissions and nothing else. */
export function expectedOutcome(access: ExpectedAccess, kind: ActorKind, target: Target): Outcome {
  if (access.to === 'open') return 'allowed';
  if (kind === 'disabled') return 'unauthenticated';
  if (isAllowed(access, kind, target)) return 'allowed';
  return kind === 'anonymous' ? 'unauthenticated' : 'forbidden';
}

function isAllowed(access: Exclude<ExpectedAccess, { to: 'open' }>, kind: ActorKind, target: Target): boolean {
  if (access.to === 'anyone' || kind === 'systemAdmin') return true;
  switch (access.to) {
    case 'signed-in':
      return kind !== 'anonymous';
    case 'some-project-admin':
      return kind === 'projectAdmin' || kind === 'adminElsewhere';
    case 'permission':
      if (access.on === 'system') return access.orSelf && target === 'self' && kind !== 'anonymous';
      return hasInProject(access.permission, ROLE_OF[kind] ?? null, target === 'public');
  }
}

function hasInProject(permission: PermissionName, role: RoleId | null, isPublic: boolean): boolean {
  const row = projectPermissions.find(({ resource, action }) => `${resource}:${action}` === permission);
  if (row === undefined) return false;
  return (isPublic && row.isPublic) || row.roles.some((granted) => granted === role);
}
