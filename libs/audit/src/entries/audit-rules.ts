import type { EventClass } from '@breakwater/contracts';
import type { AuditEntry } from './audit-entry.js';
import {
  byDigest,
  byTag,
  differences,
  inProject,
  listed,
  named,
  ofMember,
  ofProject,
  ofSystem,
  ofUser,
} from './entries-of-events.js';

/** What an event is written down as: no row, one, or several. */
export type AuditRule<Payload> = (
  event: Payload,
  context: RuleContext,
) => readonly AuditEntry[] | Promise<AuditEntry[]>;

/** What a rule may know besides its event. */
export interface RuleContext {
  readonly projectName: (projectId: number) => Promise<string>;
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
    return [inProject(event, 'create_artifact', named(event, tag), `push artifact: ${byDigest(event)}`)];
  },
  'events.catalog.artifact-deleted.v1': (event) => {
    const [tag] = event.tags;
    const tags = event.tags.length === 0 ? '' : ` with ${listed(event.tags)}`;
    return [inProject(event, 'delete_artifact', named(event, tag), `delete artifact: ${byDigest(event)}${tags}`)];
  },
  'events.catalog.artifact-pulled.v1': ({ pulls }) =>
    pulls.map((pull) => {
      const times = pull.count === 1 ? '' : ` (${pull.count} times)`;
      const told = { ...pull, at: pull.lastPulledAt };
      const resource = named(pull, pull.tag ?? undefined);
      return inProject(told, 'pull_artifact', resource, `pull artifact: ${byDigest(pull)}${times}`);
    }),

  // A tag that its push made is in the row of the push.
  'events.catalog.tag-created.v1': (event, context) =>
    context.isOfPush(event.repository, event.tag)
      ? []
      : [inProject(event, 'create_tag', byTag(event, event.tag), `create tag: ${byTag(event, event.tag)}`)],
  'events.catalog.tag-moved.v1': (event) => {
    const tag = byTag(event, event.tag);
    return [inProject(event, 'update_tag', tag, `move tag: ${tag} from ${event.from} to ${event.to}`)];
  },
  'events.catalog.tag-deleted.v1': (event) => {
    const tag = byTag(event, event.tag);
    return [inProject(event, 'delete_tag', tag, `delete tag: ${tag} of ${event.digest}`)];
  },

  // Comes with the push that made it.
  'events.catalog.repository-created.v1': () => [],
  'events.catalog.repository-updated.v1': (event) => [
    inProject(event, 'update_repository', event.repository, `update repository: ${event.repository}`),
  ],
  'events.catalog.repository-deleted.v1': (event) => [
    inProject(event, 'delete_repository', event.repository, `delete repository: ${event.repository}`),
  ],

  'events.catalog.project-created.v1': (event) => [ofProject(event, 'create')],
  'events.catalog.project-updated.v1': (event) => [ofProject(event, 'update')],
  'events.catalog.project-deleted.v1': (event) => [ofProject(event, 'delete')],

  'events.accounts.user-created.v1': (event) => [ofUser(event, 'create')],
  'events.accounts.user-updated.v1': (event) => [ofUser(event, 'update')],
  'events.accounts.user-deleted.v1': (event) => [ofUser(event, 'delete')],

  'events.accounts.member-added.v1': async (event, { projectName }) => [
    ofMember(event, 'create', await projectName(event.projectId)),
  ],
  'events.accounts.member-changed.v1': async (event, { projectName }) => [
    ofMember(event, 'update', await projectName(event.projectId)),
  ],
  'events.accounts.member-removed.v1': async (event, { projectName }) => [
    ofMember(event, 'delete', await projectName(event.projectId)),
  ],

  // Nobody did it: a scanner came to its end.
  'events.scanning.scan-finished.v1': () => [],

  'events.scanning.scan-asked.v1': (event) => [
    inProject(event, 'create_scan', byDigest(event), `ask for ${SCAN[event.scanType]} of artifact: ${byDigest(event)}`),
  ],
  'events.scanning.scan-stop-asked.v1': (event) => [
    inProject(event, 'stop_scan', byDigest(event), `stop ${SCAN[event.scanType]} of artifact: ${byDigest(event)}`),
  ],
  'events.scanning.scan-all-asked.v1': (event) => [
    ofSystem(event, 'create_scan', 'system', 'ask for a scan of all artifacts'),
  ],
  'events.scanning.scan-all-stop-asked.v1': (event) => [
    ofSystem(event, 'stop_scan', 'system', 'stop the scan of all artifacts'),
  ],
  'events.scanning.scan-all-scheduled.v1': (event) => {
    const plan = event.cron === null ? 'not any more' : event.cron;
    return [ofSystem(event, 'update_schedule', 'scan-all', `schedule scans of all artifacts: ${plan}`)];
  },
  'events.scanning.scan-data-export-asked.v1': async (event, { projectName }) => {
    const project = await projectName(event.projectId);
    const description = `export CVEs of project ${project}: execution ${event.executionId}`;
    return [inProject(event, 'create_export', project, description)];
  },

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
    return [inProject(event, 'update_project', project, `choose scanners in project ${project}: ${chosen}`)];
  },
  'events.scanning.system-allowlist-changed.v1': (event) => [
    ofSystem(event, 'update_allowlist', 'system', `update CVE allowlist of the system: ${differences(event)}`),
  ],
  // A row of its own beside that of the project's update: it says what is let through from now on.
  'events.catalog.project-allowlist-changed.v1': (event) => {
    const description = `update CVE allowlist of project ${event.name}: ${differences(event)}`;
    return [inProject(event, 'update_allowlist', event.name, description)];
  },

  'events.webhooks.policy-created.v1': (event) => [
    inProject(event, 'create_webhook', event.name, `create webhook policy: ${event.name}`),
  ],
  'events.webhooks.policy-updated.v1': (event) => [
    inProject(event, 'update_webhook', event.name, `update webhook policy: ${event.name}`),
  ],
  'events.webhooks.policy-deleted.v1': (event) => [
    inProject(event, 'delete_webhook', event.name, `delete webhook policy: ${event.name}`),
  ],
  'events.webhooks.delivery-replayed.v1': (event) => {
    const description = `replay execution ${event.deliveryId} of webhook policy ${event.name} as ${event.replayId}`;
    return [inProject(event, 'replay_webhook', event.name, description)];
  },

  'events.jobs.stop-asked.v1': (event) => {
    const what = {
      task: { resource: `${event.taskId}`, description: `stop job: ${event.taskId}` },
      running: { resource: 'all', description: 'stop all jobs that run' },
      waiting: { resource: queue(event), description: `stop jobs that wait: ${queue(event)}` },
    }[event.scope];
    return [ofSystem(event, 'stop_job', what.resource, what.description)];
  },
  'events.jobs.queue-paused.v1': (event) => [
    ofSystem(event, 'pause_queue', queue(event), `pause queue of jobs: ${queue(event)}`),
  ],
  'events.jobs.queue-resumed.v1': (event) => [
    ofSystem(event, 'resume_queue', queue(event), `resume queue of jobs: ${queue(event)}`),
  ],
};

const SCAN = { vulnerability: 'scan', sbom: 'SBOM' } as const;

function queue({ jobType }: { readonly jobType: string | null }): string {
  return jobType ?? 'all';
}
