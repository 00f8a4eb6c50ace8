/** What is written down, as `<operation>_<resource type>`: Harbor's first, then ours. */
export const AUDIT_EVENT_TYPES = [
  'create_artifact',
  'delete_artifact',
  'pull_artifact',
  'create_project',
  'update_project',
  'delete_project',
  'delete_repository',
  'login_user',
  'logout_user',
  'create_user',
  'update_user',
  'delete_user',
  'create_member',
  'update_member',
  'delete_member',
  'create_robot',
  'delete_robot',
  'update_configuration',
  'create_tag',
  'update_tag',
  'delete_tag',
  'update_repository',
  'create_scanner',
  'update_scanner',
  'delete_scanner',
  'update_allowlist',
  'create_scan',
  'stop_scan',
  'update_schedule',
  'create_export',
  'create_webhook',
  'update_webhook',
  'delete_webhook',
  'replay_webhook',
  'stop_job',
  'pause_queue',
  'resume_queue',
] as const;

export type AuditEventType = (typeof AUDIT_EVENT_TYPES)[number];

/** One row to be: names only, never a secret, readable when what it names is gone. */
export interface AuditEntry {
  readonly type: AuditEventType;
  /** Null for what belongs to no project. */
  readonly projectId: number | null;
  /** Name of the principal; `anonymous` for nobody. */
  readonly username: string;
  /** What was acted on, e.g. `team/app:v1`. */
  readonly resource: string;
  /** One line for people. */
  readonly description: string;
  readonly isSuccess: boolean;
  /** ISO 8601. */
  readonly at: string;
}

/** The halves of a type. */
export function operationOf(type: AuditEventType): { operation: string; resourceType: string } {
  const [operation = '', resourceType = ''] = type.split('_');
  return { operation, resourceType };
}
