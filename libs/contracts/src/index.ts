export { InvalidMessageError, UnknownMessageError } from './contract.errors.js';
export { ArtifactDeletedV1, ArtifactPulledV1, ArtifactPulls, ArtifactPushedV1 } from './events/artifact.events.js';
export { cloudEvent, parseEvent, parseEventAs, type CloudEvent } from './events/cloud-event.js';
export { EVENTS, eventToTell, type EventClass, type EventPayload, type EventToTell } from './events/events.js';
export { JobStopAskedV1, QueuePausedV1, QueueResumedV1 } from './events/job.events.js';
export { MemberAddedV1, MemberChangedV1, MemberRemovedV1 } from './events/member.events.js';
export { ProjectCreatedV1, ProjectDeletedV1, ProjectUpdatedV1 } from './events/project.events.js';
export { RepositoryCreatedV1, RepositoryDeletedV1, RepositoryUpdatedV1 } from './events/repository.events.js';
export {
  ScanAllAskedV1,
  ScanAllScheduledV1,
  ScanAllStopAskedV1,
  ScanAskedV1,
  ScanDataExportAskedV1,
  ScanFinishedV1,
  ScanningScanner,
  ScanStopAskedV1,
} from './events/scan.events.js';
export {
  DefaultScannerChangedV1,
  ProjectAllowlistChangedV1,
  ProjectScannersChosenV1,
  ScannerDeletedV1,
  ScannerRegisteredV1,
  ScannerUpdatedV1,
  SystemAllowlistChangedV1,
} from './events/scanner.events.js';
export { TagCreatedV1, TagDeletedV1, TagMovedV1 } from './events/tag.events.js';
export { USER_CHANGES, UserCreatedV1, UserDeletedV1, UserUpdatedV1, type UserChange } from './events/user.events.js';
export {
  WebhookPolicyCreatedV1,
  WebhookPolicyDeletedV1,
  WebhookPolicyUpdatedV1,
  WebhookReplayedV1,
} from './events/webhook.events.js';
export { parseTasksWaiting, TasksWaiting } from './jobs/tasks-waiting.js';
export { checkPayload, type MessageClass } from './message.js';
export {
  AccountChanged,
  MembershipChanged,
  NOTICES,
  OutboxFilled,
  parseNotice,
  ProjectChanged,
  ScanPolicyChanged,
  SigningKeysChanged,
  StopRequested,
  WorkWaiting,
  type NoticeClass,
} from './notices/notices.js';
export { IsDigest, IsRepositoryName, IsTag } from './validators.js';
