import type { RepositoryName } from '@breakwater/oci';
import type { Actor, RobotActor, RobotGrant, ScannerActor } from './actor.js';
import { ForbiddenError, UnauthenticatedError } from './rbac.errors.js';
import { findProjectRow, isScannerPull, permission, permissionName, type Permission } from './permission.js';
import { ROLE_NAME, weakestRole, type RoleId } from './role.js';

/** What is acted on. `roles` are the caller's own in that project: by membership and by each of its groups. */
export type Subject = SystemSubject | ProjectSubject;

export interface SystemSubject {
  readonly scope: 'system';
}

export interface ProjectSubject {
  readonly scope: 'project';
  readonly projectId: number;
  readonly isPublic: boolean;
  /** Empty for robots and anonymous callers; read for users only. */
  readonly roles: readonly RoleId[];
  /** Which repository is meant, where the decision is about one: only the data plane says it. */
  readonly repository?: RepositoryName;
}

export const SYSTEM: SystemSubject = { scope: 'system' };

/**
 * What stands for a project that does not exist. Only a system administrator or a grant on all projects passes,
 * and may then be told 404; everybody else gets the answer that a private project gives.
 */
export const NO_PROJECT: ProjectSubject = { scope: 'project', projectId: 0, isPublic: false, roles: [] };

export type Decision =
  | { readonly allowed: true }
  | {
      readonly allowed: false;
      readonly because: 'unauthenticated' | 'forbidden';
      /** One sentence for the caller: the missing permission, where, and the weakest role that would give it. */
      readonly explanation: string;
    };

/**
 * The one decision of the product: may `actor` do `permission` on `subject`? With the reason when not.
 *
 * Harbor's table (facts: roles and permissions); everybody but a scan has the public column on a public project, a
 * system administrator has all but `scanner-pull`, and what is not granted is denied.
 */
export function decide(actor: Actor, permission: Permission, subject: Subject): Decision {
  if (isGranted(actor, permission, subject)) return ALLOWED;
  return {
    allowed: false,
    because: actor.kind === 'anonymous' ? 'unauthenticated' : 'forbidden',
    explanation: explain(actor, permission, subject),
  };
}

export function can(actor: Actor, permission: Permission, subject: Subject): boolean {
  return isGranted(actor, permission, subject);
}

/**
 * @throws UnauthenticatedError  nobody is signed in, and signing in may help.
 * @throws ForbiddenError  the caller is known and may not.
 */
export function authorize(actor: Actor, permission: Permission, subject: Subject): void {
  const decision = decide(actor, permission, subject);
  if (decision.allowed) return;
  const detail = { permission: permissionName(permission) };
  throw decision.because === 'unauthenticated'
    ? new UnauthenticatedError(decision.explanation, detail)
    : new ForbiddenError(decision.explanation, detail);
}

const ALLOWED: Decision = { allowed: true };

function isGranted(actor: Actor, wanted: Permission, subject: Subject): boolean {
  if (actor.kind === 'scanner') return isGrantedToScanner(actor, wanted, subject);
  if (subject.scope === 'project' && subject.isPublic && findProjectRow(wanted)?.isPublic === true) return true;
  switch (actor.kind) {
    case 'anonymous':
      return false;
    case 'system':
      return true;
    case 'robot':
      return isGrantedToRobot(actor, wanted, subject);
    case 'user':
      if (actor.isSystemAdmin) return !isScannerPull(wanted);
      return subject.scope === 'project' && isGrantedToRoles(subject.roles, wanted);
  }
}

/** A subject that does not name a repository is never the scan's. */
function isGrantedToScanner(scanner: ScannerActor, wanted: Permission, subject: Subject): boolean {
  if (subject.scope !== 'project' || !(isPull(wanted) || isScannerPull(wanted))) return false;
  return subject.projectId === scanner.projectId && subject.repository === scanner.repository;
}

function isGrantedToRoles(roles: readonly RoleId[], wanted: Permission): boolean {
  const granted: readonly RoleId[] = findProjectRow(wanted)?.roles ?? [];
  return roles.some((role) => granted.includes(role));
}

function isGrantedToRobot(robot: RobotActor, wanted: Permission, subject: Subject): boolean {
  if (hasGrant(robot, wanted, subject)) return true;
  // For a robot of one project push implies pull; a robot of the system needs both (as in Harbor).
  return (
    robot.level === 'project' && isPull(wanted) && hasGrant(robot, PUSH, subject) && !isDenied(robot, wanted, subject)
  );
}

function hasGrant(robot: RobotActor, wanted: Permission, subject: Subject): boolean {
  return effectsOn(robot, wanted, subject).includes('allow') && !isDenied(robot, wanted, subject);
}

function isDenied(robot: RobotActor, wanted: Permission, subject: Subject): boolean {
  return effectsOn(robot, wanted, subject).includes('deny');
}

function effectsOn(robot: RobotActor, wanted: Permission, subject: Subject): ('allow' | 'deny')[] {
  const name = permissionName(wanted);
  return robot.grants
    .filter((grant) => covers(grant, subject))
    .flatMap((grant) => grant.access)
    .filter((access) => permissionName(access.permission) === name)
    .map((access) => access.effect);
}

function covers(grant: RobotGrant, subject: Subject): boolean {
  switch (grant.scope) {
    case 'system':
      return subject.scope === 'system';
    case 'all-projects':
      return subject.scope === 'project';
    case 'project':
      return subject.scope === 'project' && subject.projectId === grant.projectId;
  }
}

const PUSH = permission('repository:push');

function isPull(wanted: Permission): boolean {
  return wanted.resource === 'repository' && wanted.action === 'pull';
}

// Says nothing that tells a private project from a missing one: no id, and no roles means the same in both.
function explain(actor: Actor, wanted: Permission, subject: Subject): string {
  return `${whoLacks(actor, subject)} the permission ${permissionName(wanted)} ${where(subject)}; ${remedy(actor, wanted, subject)}`;
}

function whoLacks(actor: Actor, subject: Subject): string {
  if (actor.kind === 'anonymous') return 'nobody is signed in, and an anonymous caller lacks';
  if (actor.kind === 'robot') return `the robot ${actor.name} lacks`;
  if (actor.kind === 'scanner') return `the scan ${actor.name} lacks`;
  if (subject.scope === 'system' || subject.roles.length === 0) return `${actor.name} lacks`;
  return `${actor.name} (${subject.roles.map((role) => ROLE_NAME[role]).join(', ')}) lacks`;
}

function where(subject: Subject): string {
  return subject.scope === 'system' ? 'on the system' : 'in this project';
}

function remedy(actor: Actor, wanted: Permission, subject: Subject): string {
  if (isScannerPull(wanted)) return 'only a scan has it';
  if (actor.kind === 'scanner') return `it may pull from ${actor.repository} and nothing else`;
  if (actor.kind === 'robot') return 'its grants do not include it';
  const role = subject.scope === 'project' ? weakestRole(findProjectRow(wanted)?.roles ?? []) : null;
  return role === null ? 'a system administrator has it' : `the role ${ROLE_NAME[role]} would grant it`;
}
