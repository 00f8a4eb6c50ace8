import type { RepositoryName } from '@breakwater/oci';
import type { Permission } from './permission.js';

/** Who asks. Made once per request from verified credentials, never from a body. Closed: a new kind must be decided on. */
export type Actor = AnonymousActor | UserActor | RobotActor | ScannerActor | SystemActor;

/** Nobody signed in. */
export interface AnonymousActor {
  readonly kind: 'anonymous';
}

export interface UserActor {
  readonly kind: 'user';
  readonly accountId: number;
  readonly name: string;
  /** By the flag of the account, or by the identity provider's admin group for this sign-in. */
  readonly isSystemAdmin: boolean;
  /** Changes when the account is disabled, deleted, made again or signed out everywhere; tokens are bound to it. */
  readonly incarnation: string;
}

export interface RobotActor {
  readonly kind: 'robot';
  readonly robotId: number;
  /** With the prefix, as it signs in: `robot$team+ci`. */
  readonly name: string;
  readonly level: 'system' | 'project';
  readonly grants: readonly RobotGrant[];
  readonly incarnation: string;
}

/**
 * A scan, for as long as it runs: it pulls from one repository, past the pull policies of its project, and may do
 * nothing else anywhere, not even what everybody may in a public project.
 */
export interface ScannerActor {
  readonly kind: 'scanner';
  /** As it signs in: `scanner$…`. */
  readonly name: string;
  /** Of the credential, which ends with the scan. */
  readonly credentialId: string;
  readonly projectId: number;
  readonly repository: RepositoryName;
}

/** The product's own processes: they may do what has a permission check, yet are not administrators. */
export interface SystemActor {
  readonly kind: 'system';
  /** Which process, e.g. `jobservice`. */
  readonly name: string;
}

/**
 * One permission entry of a robot. `all-projects` covers every project and nothing of the system;
 * a project is named by its id, so that a project made again under the same name is not covered.
 */
export type RobotGrant =
  | { readonly scope: 'system'; readonly access: readonly RobotAccess[] }
  | { readonly scope: 'all-projects'; readonly access: readonly RobotAccess[] }
  | { readonly scope: 'project'; readonly projectId: number; readonly access: readonly RobotAccess[] };

export interface RobotAccess {
  readonly permission: Permission;
  /** A denial wins over every grant of the same permission that covers the same subject. */
  readonly effect: 'allow' | 'deny';
}

export const ANONYMOUS: AnonymousActor = { kind: 'anonymous' };

/** Name for logs, events and the audit trail. */
export function actorName(actor: Actor): string {
  return actor.kind === 'anonymous' ? 'anonymous' : actor.name;
}

export function isSystemAdmin(actor: Actor): boolean {
  return actor.kind === 'user' && actor.isSystemAdmin;
}
