import type { UserChange } from '@breakwater/contracts';
import type { AuditEntry, AuditEventType } from './audit-entry.js';

/** What every event tells. */
export interface Told {
  readonly by: string;
  readonly at: string;
}

export type Verb = 'create' | 'update' | 'delete';

/** A row of the system. */
export function ofSystem({ by, at }: Told, type: AuditEventType, resource: string, description: string): AuditEntry {
  return { type, projectId: null, username: by, resource, description, isSuccess: true, at };
}

/** A row of a project. */
export function inProject(
  event: Told & { readonly projectId: number },
  type: AuditEventType,
  resource: string,
  description: string,
): AuditEntry {
  return { ...ofSystem(event, type, resource, description), projectId: event.projectId };
}

export function ofProject(event: Told & { readonly projectId: number; readonly name: string }, verb: Verb): AuditEntry {
  return inProject(event, `${verb}_project`, event.name, `${verb} project: ${event.name}`);
}

export function ofUser(
  event: Told & { readonly username: string; readonly change?: UserChange },
  verb: Verb,
): AuditEntry {
  const change = event.change === undefined ? '' : `: ${CHANGE[event.change]}`;
  return ofSystem(event, `${verb}_user`, event.username, `${verb} user with name: ${event.username}${change}`);
}

const CHANGE: Readonly<Record<UserChange, string>> = {
  profile: 'profile',
  password: 'password',
  'made-administrator': 'made an administrator of the system',
  'no-administrator': 'no administrator of the system any more',
  disabled: 'disabled',
  enabled: 'enabled',
};

/** @param project  its name. */
export function ofMember(
  event: Told & { readonly projectId: number; readonly entityType: string; readonly entityName: string },
  verb: Verb,
  project: string,
): AuditEntry {
  const description = `${verb} ${event.entityType} member ${event.entityName} in project ${project}`;
  return inProject(event, `${verb}_member`, event.entityName, description);
}

/** What an allowlist accepts from now on, and what no more. */
export function differences(event: {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly expiresAt: string | null;
}): string {
  return [
    ...(event.added.length === 0 ? [] : [`added ${first(event.added)}`]),
    ...(event.removed.length === 0 ? [] : [`removed ${first(event.removed)}`]),
    event.expiresAt === null ? 'never expires' : `expires ${event.expiresAt}`,
  ].join('; ');
}

/** `team/app:v1`, or by its digest where it has no tag. */
export function named(event: { readonly repository: string; readonly digest: string }, tag?: string): string {
  return tag === undefined ? byDigest(event) : byTag(event, tag);
}

export function byTag({ repository }: { readonly repository: string }, tag: string): string {
  return `${repository}:${tag}`;
}

export function byDigest({ repository, digest }: { readonly repository: string; readonly digest: string }): string {
  return `${repository}@${digest}`;
}

/** An artifact can have thousands: the first ones, and how many more. */
export function listed(tags: readonly string[]): string {
  return `${tags.length === 1 ? 'tag' : 'tags'} ${first(tags)}`;
}

function first(names: readonly string[]): string {
  const rest = names.length - SHOWN;
  return `${names.slice(0, SHOWN).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}

const SHOWN = 20;
