import type { EventType } from '../events/event-type.js';
import type { WebhookEvent } from '../events/webhook-event.js';
import type { EventData } from './event-data.js';

/**
 * An Adaptive Card, as the webhook trigger of a Microsoft Teams workflow takes it ("Post to a channel when a webhook
 * request is received").
 * @see https://adaptivecards.io/explorer/AdaptiveCard.html
 */
export function teamsMessage(event: WebhookEvent, data: EventData): object {
  const facts = [
    { title: 'Event', value: event.type },
    { title: 'Repository', value: plain(event.repository) },
    ...data.resources
      .slice(0, MAX_RESOURCES)
      .map(({ resource_url: url, digest }) => ({ title: 'Artifact', value: plain(url ?? digest) })),
    { title: 'By', value: plain(event.operator) },
    { title: 'At', value: event.occurredAt.toISOString() },
    ...scanFacts(data),
  ];
  return {
    type: 'message',
    attachments: [
      {
        contentType: 'application/vnd.microsoft.card.adaptive',
        contentUrl: null,
        content: {
          $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
          type: 'AdaptiveCard',
          version: '1.4',
          body: [
            { type: 'TextBlock', size: 'Medium', weight: 'Bolder', wrap: true, text: TITLE[event.type] },
            { type: 'FactSet', facts },
          ],
        },
      },
    ],
  };
}

/** Teams refuses messages of more than 28 KB. */
const MAX_RESOURCES = 10;

const TITLE: Readonly<Record<EventType, string>> = {
  PUSH_ARTIFACT: 'An artifact was pushed',
  PULL_ARTIFACT: 'An artifact was pulled',
  DELETE_ARTIFACT: 'An artifact was deleted',
  QUOTA_EXCEED: 'A push was refused: the quota is used up',
  QUOTA_WARNING: 'The quota is nearly used up',
  SCANNING_FAILED: 'A scan failed',
  SCANNING_STOPPED: 'A scan was stopped',
  SCANNING_COMPLETED: 'A scan is complete',
  REPLICATION: 'A replication ended',
  TAG_RETENTION: 'Tag retention ended',
};

/** The worst that each scanner found. */
function scanFacts({ resources }: EventData): { title: string; value: string }[] {
  const overviews = resources.flatMap(({ scan_overview: overview }) => Object.values(overview ?? {}) as unknown[]);
  return overviews.flatMap((overview) => {
    const severity = (overview as { readonly severity?: unknown } | null)?.severity;
    return typeof severity === 'string' ? [{ title: 'Severity', value: plain(severity) }] : [];
  });
}

/** Facts are Markdown: what comes from users stays text. */
function plain(text: string): string {
  return text.replace(/[\\`*_[\]()#<>~|]/g, (character) => `\\${character}`).slice(0, 512);
}
