import type { Digest, RepositoryName, Tag } from '@breakwater/oci';
import type { EventType } from './event-type.js';

/** What happened, in the words of webhooks, before it is put into anybody's form. */
export interface WebhookEvent {
  /** Unique, and the same when the event is read again: its id, or its id and the part of it that this is. */
  readonly key: string;
  /** Of the event on the bus. */
  readonly eventId: string;
  readonly projectId: number;
  readonly type: EventType;
  readonly occurredAt: Date;
  /** Name of the principal. */
  readonly operator: string;
  readonly repository: RepositoryName;
  /** Whether the message tells when the repository was made. */
  readonly isRepositoryDated: boolean;
  readonly resources: readonly EventResource[];
  readonly scanType: 'vulnerability' | 'sbom' | null;
  readonly customAttributes: Readonly<Record<string, string>> | null;
}

export interface EventResource {
  readonly digest: Digest;
  /** By which it was addressed; null: by digest. */
  readonly tag: Tag | null;
  /** What the message says as its tag, where that is not `tag`. */
  readonly shownTag: string;
  /** As in the API, by MIME type. */
  readonly scanOverview: object | null;
  readonly sbomOverview: object | null;
}
