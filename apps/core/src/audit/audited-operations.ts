import type { AuditEventType } from '@breakwater/audit';

/**
 * What the audit log calls each operation that changes something, by operationId; null: it changes nothing that anybody
 * would ask for later. Successes are written down by the events that they tell, in their transaction (libs/audit,
 * `AUDIT_RULES`); this is for those that fail. An operation without a row fails the tests.
 */
export const AUDITED_OPERATIONS: Readonly<Record<string, AuditEventType | null>> = {
  createUser: 'create_user',
  updateUserProfile: 'update_user',
  setUserSysAdmin: 'update_user',
  updateUserPassword: 'update_user',
  deleteUser: 'delete_user',

  createProject: 'create_project',
  updateProject: 'update_project',
  deleteProject: 'delete_project',
  addProjectMetadatas: 'update_project',
  updateProjectMetadata: 'update_project',
  deleteProjectMetadata: 'update_project',
  createProjectMember: 'create_member',
  updateProjectMember: 'update_member',
  deleteProjectMember: 'delete_member',

  updateRepository: 'update_repository',
  deleteRepository: 'delete_repository',
  CopyArtifact: 'create_artifact',
  deleteArtifact: 'delete_artifact',
  createTag: 'create_tag',
  deleteTag: 'delete_tag',

  createScanner: 'create_scanner',
  updateScanner: 'update_scanner',
  setScannerAsDefault: 'update_scanner',
  deleteScanner: 'delete_scanner',
  setScannerOfProject: 'update_project',
  setScannersOfProject: 'update_project',
  putSystemCVEAllowlist: 'update_allowlist',
  scanArtifact: 'create_scan',
  stopScanArtifact: 'stop_scan',
  createScanAllSchedule: 'update_schedule',
  updateScanAllSchedule: 'update_schedule',
  stopScanAll: 'stop_scan',
  exportScanData: 'create_export',

  CreateWebhookPolicyOfProject: 'create_webhook',
  UpdateWebhookPolicyOfProject: 'update_webhook',
  DeleteWebhookPolicyOfProject: 'delete_webhook',
  ReplayWebhookExecution: 'replay_webhook',

  stopRunningJob: 'stop_job',
  actionPendingJobs: 'pause_queue',

  // It looks at an adapter.
  pingScanner: null,
  // The password that it takes is a sign-in, right or wrong.
  postToken: null,
};
