import type { EventClass } from '@breakwater/contracts';
import type { AuditEntry, AuditEventType } from './audit-entry.js';

/** What an event is written down as: no row, one, or several. */
export type AuditRule<Payload> = (
  event: Payload,
  context: RuleContext,
) => readonly AuditEntry[] | Promise<AuditEntry[]>;

/** What a rule may know besides its event. */
export interface RuleContext {
  projectName(projectId: number): Promise<string>;
  /** Was this tag told of in the same breath as a push of its artifact? */
  isOfPush(repository: string, tag: string): boolean;
}

/** A rule for every event of the house. An event without one does not compile. */
export type AuditRules = {
  readonly [Event in EventClass as Event['subject']]: AuditRule<InstanceType<Event>>;
};

/**
 * How each event is written down, with Harbor's operations, resources and descriptions. Fields are named one by one:
 * what an event may carry besides never gets into a row.
 */
export const AUDIT_RULES: AuditRules = {
  'events.catalog.artifact-pushed.v1': (event) => {
    const [tag] = event.tags;
    return [inRepository(event, 'create_artifact', named(event, tag), `push artifact: ${byDigest(event)}`)];
  },
  'events.catalog.artifact-deleted.v1': (event) => {
    const [tag] = event.tags;
    const tags = event.tags.length === 0 ? '' : ` with ${listed(event.tags)}`;
    return [inRepository(event, 'delete_artifact', named(event, tag), `delete artifact: ${byDigest(event)}${tags}`)];
  },
  'events.catalog.artifact-pulled.v1': ({ pulls }) =>
    pulls.map((pull) => {
      const times = pull.count === 1 ? '' : ` (${pull.count} times)`;
      const told = { ...pull, at: pull.lastPulledAt };
      const resource = named(pull, pull.tag ?? undefined);
      return inRepository(told, 'pull_artifact', resource, `pull artifact: ${byDigest(pull)}${times}`);
    }),

  // A tag that its push made is in the row of the push.
  'events.catalog.tag-created.v1': (event, context) =>
    context.isOfPush(event.repository, event.tag)
      ? []
      : [inRepository(event, 'create_tag', named(event, event.tag), `create tag: ${named(event, event.tag)}`)],
  'events.catalog.tag-moved.v1': (event) => {
    const tag = named(event, event.tag);
    return [inRepository(event, 'update_tag', tag, `move tag: ${tag} from ${event.from} to ${event.to}`)];
  },
  'events.catalog.tag-deleted.v1': (event) => {
    const tag = named(event, event.tag);
    return [inRepository(event, 'delete_tag', tag, `delete tag: ${tag} of ${event.digest}`)];
  },

  // Comes with the push that made it.
  'events.catalog.repository-created.v1': () => [],
  'events.catalog.repository-deleted.v1': (event) => [
    inRepository(event, 'delete_repository', event.repository, `delete repository: ${event.repository}`),
  ],

  'events.catalog.project-created.v1': (event) => [ofProject(event, 'create')],
  'events.catalog.project-updated.v1': (event) => [ofProject(event, 'update')],
  'events.catalog.project-deleted.v1': (event) => [ofProject(event, 'delete')],

  'events.accounts.user-created.v1': (event) => [ofUser(event, 'create')],
  'events.accounts.user-updated.v1': (event) => [ofUser(event, 'update')],
  'events.accounts.user-deleted.v1': (event) => [ofUser(event, 'delete')],

  'events.accounts.member-added.v1': (event, context) => ofMember(event, 'create', context),
  'events.accounts.member-changed.v1': (event, context) => ofMember(event, 'update', context),
  'events.accounts.member-removed.v1': (event, context) => ofMember(event, 'delete', context),

  // Nobody did it: a scanner came to its end.
  'events.scanning.scan-finished.v1': () => [],

  'events.scanning.scanner-registered.v1': (event) => [
    ofSystem(event, 'create_scanner', event.name, `register scanner: ${event.name}`),
  ],
  'events.scanning.scanner-updated.v1': (event) => [
    ofSystem(event, 'update_scanner', event.name, `update scanner: ${event.name}`),
  ],
  'events.scanning.scanner-deleted.v1': (event) => [
    ofSystem(event, 'delete_scanner', event.name, `delete scanner: ${event.name}`),
  ],
  'events.scanning.default-scanner-changed.v1': (event) => [
    ofSystem(event, 'update_scanner', event.name, `make scanner the default: ${event.name}`),
  ],
  'events.scanning.project-scanners-chosen.v1': async (event, context) => {
    const project = await context.projectName(event.projectId);
    const chosen = event.scanners.length === 0 ? 'the default' : event.scanners.join(', ');
    return [inRepository(event, 'update_project', project, `choose scanners in project ${project}: ${chosen}`)];
  },
  'events.scanning.system-allowlist-changed.v1': (event) => [
    ofSystem(event, 'update_allowlist', 'system', `update CVE allowlist of the system: ${differences(event)}`),
  ],
  // A row of its own beside that of the project's update: it says what is let through from now on.
  'events.catalog.project-allowlist-changed.v1': (event) => {
    const description = `update CVE allowlist of project ${event.name}: ${differences(event)}`;
    return [inRepository(event, 'update_allowlist', event.name, description)];
  },
};

type Verb = 'create' | 'update' | 'delete';

interface Told {
  readonly by: string;
  readonly at: string;
}

function inRepository(
  event: Told & { readonly projectId: number },
  type: AuditEventType,
  resource: string,
  description: string,
): AuditEntry {
  return { type, projectId: event.projectId, username: event.by, resource, description, isSuccess: true, at: event.at };
}

function ofProject(event: Told & { readonly projectId: number; readonly name: string }, verb: Verb): AuditEntry {
  return inRepository(event, `${verb}_project`, event.name, `${verb} project: ${event.name}`);
}

function ofUser({ username, by, at }: Told & { readonly username: string }, verb: Verb): AuditEntry {
  const description = `${verb} user with name: ${username}`;
  const type = `${verb}_user` as const;
  return { type, projectId: null, username: by, resource: username, description, isSuccess: true, at };
}

function ofSystem({ by, at }: Told, type: AuditEventType, resource: string, description: string): AuditEntry {
  return { type, projectId: null, username: by, resource, description, isSuccess: true, at };
}

/** What an allowlist accepts from now on, and what no more. */
function differences(event: {
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

async function ofMember(
  event: Told & { readonly projectId: number; readonly entityType: string; readonly entityName: string },
  verb: Verb,
  context: RuleContext,
): Promise<AuditEntry[]> {
  const project = await context.projectName(event.projectId);
  const description = `${verb} ${event.entityType} member ${event.entityName} in project ${project}`;
  return [inRepository(event, `${verb}_member`, event.entityName, description)];
}

/** `team/app:v1`, or by its digest where it has no tag. */
function named(event: { readonly repository: string; readonly digest?: string }, tag: string | undefined): string {
  return tag === undefined ? `${event.repository}@${event.digest}` : `${event.repository}:${tag}`;
}

function byDigest({ repository, digest }: { readonly repository: string; readonly digest: string }): string {
  return `${repository}@${digest}`;
}

/** An artifact can have thousands: the first ones, and how many more. */
function listed(tags: readonly string[]): string {
  return `${tags.length === 1 ? 'tag' : 'tags'} ${first(tags)}`;
}

function first(names: readonly string[]): string {
  const rest = names.length - SHOWN;
  return `${names.slice(0, SHOWN).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}

const SHOWN = 20;
