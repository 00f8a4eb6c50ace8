import type { EventType, PayloadFormat, TargetType } from '../events/event-type.js';
import type { WebhookEvent } from '../events/webhook-event.js';
import { eventDataOf, unixSeconds, type EventData, type EventScene } from './event-data.js';
import { slackMessage } from './slack-message.js';
import { teamsMessage } from './teams-message.js';

/** For whom a message is made. */
export interface Addressee {
  readonly policyId: number;
  /** Of this one delivery; the same at every attempt. */
  readonly deliveryUid: string;
  readonly targetType: TargetType;
  readonly payloadFormat: PayloadFormat | null;
}

/** The body that a target gets: it is made once, when the delivery is, and sent as it is at every attempt. */
export function payloadOf(event: WebhookEvent, scene: EventScene, addressee: Addressee): string {
  const data = eventDataOf(event, scene);
  return JSON.stringify(inForm(event, data, addressee));
}

export function contentTypeOf(targetType: TargetType, format: PayloadFormat | null): string {
  return targetType === 'http' && format === 'CloudEvents' ? 'application/cloudevents+json' : 'application/json';
}

function inForm(event: WebhookEvent, data: EventData, addressee: Addressee): object {
  if (addressee.targetType === 'slack') return slackMessage(event, data);
  if (addressee.targetType === 'teams') return teamsMessage(event, data);
  return addressee.payloadFormat === 'CloudEvents' ? asCloudEvent(event, data, addressee) : asDefault(event, data);
}

/** Harbor's own form. */
function asDefault(event: WebhookEvent, data: EventData): object {
  return { type: event.type, occur_at: unixSeconds(event.occurredAt), operator: event.operator, event_data: data };
}

/** CloudEvents 1.0, structured mode, with Harbor's types and extensions. */
function asCloudEvent(event: WebhookEvent, data: EventData, { policyId, deliveryUid }: Addressee): object {
  return {
    specversion: '1.0',
    id: deliveryUid,
    source: `/projects/${event.projectId}/webhook/policies/${policyId}`,
    type: CLOUD_EVENT_TYPE[event.type],
    datacontenttype: 'application/json',
    time: `${event.occurredAt.toISOString().slice(0, 19)}Z`,
    requestid: event.eventId,
    operator: event.operator,
    data,
  };
}

const CLOUD_EVENT_TYPE: Readonly<Record<EventType, string>> = {
  PUSH_ARTIFACT: 'harbor.artifact.pushed',
  PULL_ARTIFACT: 'harbor.artifact.pulled',
  DELETE_ARTIFACT: 'harbor.artifact.deleted',
  QUOTA_EXCEED: 'harbor.quota.exceeded',
  QUOTA_WARNING: 'harbor.quota.warned',
  SCANNING_FAILED: 'harbor.scan.failed',
  SCANNING_STOPPED: 'harbor.scan.stopped',
  SCANNING_COMPLETED: 'harbor.scan.completed',
  REPLICATION: 'harbor.replication.status.changed',
  TAG_RETENTION: 'harbor.tag_retention.finished',
};
