/** Every event type of Harbor's, in its order. Some are told only once the feature that they are about is there. */
export const EVENT_TYPES = [
  'PUSH_ARTIFACT',
  'PULL_ARTIFACT',
  'DELETE_ARTIFACT',
  'QUOTA_EXCEED',
  'QUOTA_WARNING',
  'SCANNING_FAILED',
  'SCANNING_STOPPED',
  'SCANNING_COMPLETED',
  'REPLICATION',
  'TAG_RETENTION',
] as const;
export type EventType = (typeof EVENT_TYPES)[number];

/** `teams` is ours; Harbor has the others. */
export const TARGET_TYPES = ['http', 'slack', 'teams'] as const;
export type TargetType = (typeof TARGET_TYPES)[number];

/** Of `http` targets: the others have a form of their own. */
export const PAYLOAD_FORMATS = ['Default', 'CloudEvents'] as const;
export type PayloadFormat = (typeof PAYLOAD_FORMATS)[number];
