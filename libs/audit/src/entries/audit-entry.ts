/** What is written down, in Harbor's names: `<operation>_<resource type>`. Tags, scanners and allowlists are ours. */
export const AUDIT_EVENT_TYPES = [
  'create_artifact',
  'delete_artifact',
  'pull_artifact',
  'create_tag',
  'update_tag',
  'delete_tag',
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
  'create_scanner',
  'update_scanner',
  'delete_scanner',
  'update_allowlist',
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
