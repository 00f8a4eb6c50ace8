import type { MessageClass } from '../message.js';
import { ArtifactDeletedV1, ArtifactPulledV1, ArtifactPushedV1 } from './artifact.events.js';
import { JobStopAskedV1, QueuePausedV1, QueueResumedV1 } from './job.events.js';
import { MemberAddedV1, MemberChangedV1, MemberRemovedV1 } from './member.events.js';
import { ProjectCreatedV1, ProjectDeletedV1, ProjectUpdatedV1 } from './project.events.js';
import { RepositoryCreatedV1, RepositoryDeletedV1, RepositoryUpdatedV1 } from './repository.events.js';
import {
  ScanAllAskedV1,
  ScanAllScheduledV1,
  ScanAllStopAskedV1,
  ScanAskedV1,
  ScanDataExportAskedV1,
  ScanFinishedV1,
  ScanStopAskedV1,
} from './scan.events.js';
import {
  DefaultScannerChangedV1,
  ProjectAllowlistChangedV1,
  ProjectScannersChosenV1,
  ScannerDeletedV1,
  ScannerRegisteredV1,
  ScannerUpdatedV1,
  SystemAllowlistChangedV1,
} from './scanner.events.js';
import { TagCreatedV1, TagDeletedV1, TagMovedV1 } from './tag.events.js';
import { UserCreatedV1, UserDeletedV1, UserUpdatedV1 } from './user.events.js';
import {
  WebhookPolicyCreatedV1,
  WebhookPolicyDeletedV1,
  WebhookPolicyUpdatedV1,
  WebhookReplayedV1,
} from './webhook.events.js';

/**
 * Every event of the house. A class that is missing here can be neither published nor read. One that is added says how
 * the audit log writes it down, or that it does not: libs/audit, `AUDIT_RULES`.
 */
export const EVENTS = [
  ArtifactPushedV1,
  ArtifactDeletedV1,
  ArtifactPulledV1,
  TagCreatedV1,
  TagMovedV1,
  TagDeletedV1,
  RepositoryCreatedV1,
  RepositoryUpdatedV1,
  RepositoryDeletedV1,
  ProjectCreatedV1,
  ProjectUpdatedV1,
  ProjectDeletedV1,
  UserCreatedV1,
  UserUpdatedV1,
  UserDeletedV1,
  MemberAddedV1,
  MemberChangedV1,
  MemberRemovedV1,
  ScanFinishedV1,
  ScanAskedV1,
  ScanStopAskedV1,
  ScanAllAskedV1,
  ScanAllStopAskedV1,
  ScanAllScheduledV1,
  ScanDataExportAskedV1,
  ScannerRegisteredV1,
  ScannerUpdatedV1,
  ScannerDeletedV1,
  DefaultScannerChangedV1,
  ProjectScannersChosenV1,
  SystemAllowlistChangedV1,
  ProjectAllowlistChangedV1,
  WebhookPolicyCreatedV1,
  WebhookPolicyUpdatedV1,
  WebhookPolicyDeletedV1,
  WebhookReplayedV1,
  JobStopAskedV1,
  QueuePausedV1,
  QueueResumedV1,
] as const satisfies readonly MessageClass[];

export type EventClass = (typeof EVENTS)[number];
export type EventPayload = InstanceType<EventClass>;

/** For the outbox: a payload on its subject. Events of one key reach a reader in the order of their transactions. */
export interface EventToTell {
  readonly subject: string;
  readonly payload: object;
  readonly key: string;
}

/**
 * An event for `Outbox.add`, checked by the compiler.
 *
 * @param key  what orders it: the repository for events of the catalog's content, `project:<id>`, `account:<id>`.
 * @example outbox.add(tx, eventToTell(TagMovedV1, repository, { projectId, repository, tag, from, to, by, at }));
 */
export function eventToTell<C extends EventClass>(event: C, key: string, payload: InstanceType<C>): EventToTell {
  return { subject: event.subject, payload, key };
}
