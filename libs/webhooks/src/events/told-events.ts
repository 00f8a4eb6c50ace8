import {
  ArtifactDeletedV1,
  ArtifactPulledV1,
  ArtifactPushedV1,
  ScanFinishedV1,
  type ArtifactPulls,
  type CloudEvent,
  type EventPayload,
} from '@breakwater/contracts';
import type { Digest, Tag } from '@breakwater/oci';
import type { EventType } from './event-type.js';
import type { EventResource, WebhookEvent } from './webhook-event.js';

/** Subjects of the events that webhooks tell. Others need not even be parsed. */
export const TOLD_SUBJECTS: ReadonlySet<string> = new Set([
  ArtifactPushedV1.subject,
  ArtifactDeletedV1.subject,
  ArtifactPulledV1.subject,
  ScanFinishedV1.subject,
]);

/** What of an event is told, and as which type: see harbor's "which events fire what". Empty: nothing. */
export function webhookEventsOf({ id, data }: CloudEvent<EventPayload>): WebhookEvent[] {
  if (data instanceof ArtifactPushedV1) return [pushed(id, data)];
  if (data instanceof ArtifactDeletedV1) return [deleted(id, data)];
  if (data instanceof ArtifactPulledV1) return data.pulls.map((pulls, index) => pulled(id, index, pulls));
  if (data instanceof ScanFinishedV1) return [scanned(id, data)];
  return [];
}

/** One resource for each tag of the push: Harbor has one tag in a push, and so one resource. */
function pushed(id: string, event: ArtifactPushedV1): WebhookEvent {
  const tags: (Tag | null)[] = event.tags.length === 0 ? [null] : event.tags;
  const resources = tags.map((tag) => resource(event.digest, tag));
  return { ...common(id, 'PUSH_ARTIFACT', event), isRepositoryDated: true, resources };
}

/** Exactly one resource, by the first tag that the artifact had. */
function deleted(id: string, event: ArtifactDeletedV1): WebhookEvent {
  const resources = [resource(event.digest, event.tags[0] ?? null)];
  return { ...common(id, 'DELETE_ARTIFACT', event), isRepositoryDated: true, resources };
}

/** Pulls are counted for some seconds and told together; the message says how many, unless it was one. */
function pulled(id: string, index: number, pulls: ArtifactPulls): WebhookEvent {
  const { by, lastPulledAt: at, count } = pulls;
  return {
    ...common(id, 'PULL_ARTIFACT', { ...pulls, by, at }),
    key: `${id}:${index}`,
    isRepositoryDated: true,
    resources: [resource(pulls.digest, pulls.tag ?? null)],
    customAttributes: count === 1 ? null : { pull_count: String(count) },
  };
}

const SCAN_TYPE: Readonly<Record<ScanFinishedV1['status'], EventType>> = {
  Success: 'SCANNING_COMPLETED',
  Error: 'SCANNING_FAILED',
  Stopped: 'SCANNING_STOPPED',
};

/** As with Harbor the repository has no date here, and a scan that was asked for by digest has no tag. */
function scanned(id: string, event: ScanFinishedV1): WebhookEvent {
  const { digest, scanType, overview } = event;
  const tag = event.tag ?? null;
  const isSbom = scanType === 'sbom';
  const overviews = { scanOverview: isSbom ? null : overview, sbomOverview: isSbom ? overview : null };
  const told = { ...resource(digest, tag), shownTag: tag ?? '', ...overviews };
  return { ...common(id, SCAN_TYPE[event.status], event), resources: [told], scanType };
}

function common(
  id: string,
  type: EventType,
  { projectId, repository, by, at }: Pick<ArtifactPushedV1, 'projectId' | 'repository' | 'by' | 'at'>,
): Omit<WebhookEvent, 'resources'> {
  return {
    key: id,
    eventId: id,
    projectId,
    type,
    occurredAt: new Date(at),
    operator: by,
    repository,
    isRepositoryDated: false,
    scanType: null,
    customAttributes: null,
  };
}

function resource(digest: Digest, tag: Tag | null): EventResource {
  return { digest, tag, shownTag: tag ?? digest, scanOverview: null, sbomOverview: null };
}
