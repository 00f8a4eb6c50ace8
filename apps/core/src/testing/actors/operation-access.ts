import type { PermissionName } from '@breakwater/rbac';

/** Who may call an operation, said a second time and apart from the code that decides. */
export type ExpectedAccess =
  /** Everybody, and credentials are not looked at. */
  | { readonly to: 'open' }
  /** Everybody; wrong credentials are refused. */
  | { readonly to: 'anyone' }
  | { readonly to: 'signed-in' }
  /** Administrators of the system, and of any project. */
  | { readonly to: 'some-project-admin' }
  | { readonly to: 'permission'; readonly on: 'system'; readonly permission: PermissionName; readonly orSelf: boolean }
  | { readonly to: 'permission'; readonly on: 'project'; readonly permission: PermissionName }
  /** In the project that the body names, which tells nobody else whether it is there. */
  | { readonly to: 'permission'; readonly on: 'project-of-body'; readonly permission: PermissionName };

const open: ExpectedAccess = { to: 'open' };
const anyone: ExpectedAccess = { to: 'anyone' };
const signedIn: ExpectedAccess = { to: 'signed-in' };
const onSystem = (permission: PermissionName): ExpectedAccess => ({
  to: 'permission',
  on: 'system',
  permission,
  orSelf: false,
});
const onSystemOrSelf = (permission: PermissionName): ExpectedAccess => ({
  to: 'permission',
  on: 'system',
  permission,
  orSelf: true,
});
const inProject = (permission: PermissionName): ExpectedAccess => ({ to: 'permission', on: 'project', permission });

/**
 * One row for every operation that core serves, by operationId: Harbor's rules. An operation without a row fails the
 * tests. Rows may be here before their operation is.
 */
export const OPERATION_ACCESS: Readonly<Record<string, ExpectedAccess>> = {
  getHealth: open,
  getPing: open,
  getVersion: open,
  getOpenApi: open,
  getToken: anyone,
  postToken: open,
  search: anyone,
  getStatistic: signedIn,
  getSystemInfo: anyone,
  getVolumes: onSystem('system-volumes:read'),
  getCert: anyone,
  getPermissions: { to: 'some-project-admin' },

  listSchedules: onSystem('jobservice-monitor:list'),
  getSchedulePaused: signedIn,
  getWorkerPools: onSystem('jobservice-monitor:list'),
  getWorkers: onSystem('jobservice-monitor:list'),
  stopRunningJob: onSystem('jobservice-monitor:stop'),
  actionGetJobLog: onSystem('jobservice-monitor:read'),
  listJobQueues: onSystem('jobservice-monitor:list'),
  actionPendingJobs: onSystem('jobservice-monitor:stop'),

  listUsers: onSystem('user:list'),
  createUser: onSystem('user:create'),
  getCurrentUserInfo: signedIn,
  getCurrentUserPermissions: signedIn,
  searchUsers: signedIn,
  getUser: onSystemOrSelf('user:read'),
  updateUserProfile: onSystemOrSelf('user:update'),
  deleteUser: onSystem('user:delete'),
  setUserSysAdmin: onSystem('user:update'),
  updateUserPassword: onSystemOrSelf('user:update'),

  listProjectMembers: inProject('member:list'),
  createProjectMember: inProject('member:create'),
  getProjectMember: inProject('member:read'),
  updateProjectMember: inProject('member:update'),
  deleteProjectMember: inProject('member:delete'),

  listProjects: anyone,
  createProject: signedIn,
  headProject: signedIn,
  getProject: inProject('project:read'),
  updateProject: inProject('project:update'),
  deleteProject: inProject('project:delete'),
  getProjectDeletable: inProject('project:delete'),
  getProjectSummary: inProject('project:read'),
  listProjectMetadatas: inProject('metadata:list'),
  addProjectMetadatas: inProject('metadata:create'),
  getProjectMetadata: inProject('metadata:read'),
  updateProjectMetadata: inProject('metadata:update'),
  deleteProjectMetadata: inProject('metadata:delete'),

  listAuditLogs: signedIn,
  listAuditLogExts: signedIn,
  listAuditLogEventTypes: onSystem('audit-log:list'),
  getLogs: inProject('log:list'),
  getLogExts: inProject('log:list'),

  listScanners: onSystem('scanner:list'),
  createScanner: onSystem('scanner:create'),
  pingScanner: onSystem('scanner:read'),
  getScanner: onSystem('scanner:read'),
  updateScanner: onSystem('scanner:update'),
  deleteScanner: onSystem('scanner:delete'),
  setScannerAsDefault: onSystem('scanner:update'),
  getScannerMetadata: onSystem('scanner:read'),
  getScannerOfProject: inProject('scanner:read'),
  setScannerOfProject: inProject('scanner:create'),
  listScannerCandidatesOfProject: inProject('scanner:create'),
  listScannersOfProject: inProject('scanner:read'),
  setScannersOfProject: inProject('scanner:create'),
  getSystemCVEAllowlist: signedIn,
  putSystemCVEAllowlist: onSystem('configuration:update'),

  ListWebhookPoliciesOfProject: inProject('notification-policy:list'),
  CreateWebhookPolicyOfProject: inProject('notification-policy:create'),
  GetWebhookPolicyOfProject: inProject('notification-policy:read'),
  UpdateWebhookPolicyOfProject: inProject('notification-policy:update'),
  DeleteWebhookPolicyOfProject: inProject('notification-policy:delete'),
  LastTrigger: inProject('notification-policy:read'),
  GetSupportedEventTypes: inProject('notification-policy:read'),
  ListExecutionsOfWebhookPolicy: inProject('notification-policy:read'),
  ListTasksOfWebhookExecution: inProject('notification-policy:read'),
  GetLogsOfWebhookTask: inProject('notification-policy:read'),
  ListAttemptsOfWebhookExecution: inProject('notification-policy:read'),
  ReplayWebhookExecution: inProject('notification-policy:update'),
  ListWebhookJobs: inProject('notification-policy:list'),

  listAllRepositories: anyone,
  listRepositories: inProject('repository:list'),
  getRepository: inProject('repository:read'),
  updateRepository: inProject('repository:update'),
  deleteRepository: inProject('repository:delete'),

  listArtifactsOfProject: inProject('artifact:list'),
  listArtifacts: inProject('artifact:list'),
  CopyArtifact: inProject('artifact:create'),
  getArtifact: inProject('artifact:read'),
  deleteArtifact: inProject('artifact:delete'),
  listAccessories: inProject('accessory:list'),
  getAddition: inProject('artifact-addition:read'),
  getVulnerabilitiesAddition: inProject('artifact-addition:read'),
  getVulnerabilityChanges: inProject('artifact-addition:read'),
  scanArtifact: inProject('scan:create'),
  stopScanArtifact: inProject('scan:stop'),
  getReportLog: inProject('scan:read'),
  addLabel: inProject('artifact-label:create'),
  removeLabel: inProject('artifact-label:delete'),
  listTags: inProject('tag:list'),
  createTag: inProject('tag:create'),
  deleteTag: inProject('tag:delete'),

  getSecuritySummary: onSystem('security-hub:read'),
  ListVulnerabilities: onSystem('security-hub:list'),

  exportScanData: { to: 'permission', on: 'project-of-body', permission: 'export-cve:create' },
  getScanDataExportExecutionList: signedIn,
  getScanDataExportExecution: signedIn,
  // Of one's own; the rights in its project are looked at once more.
  downloadScanData: { to: 'permission', on: 'project-of-body', permission: 'export-cve:read' },

  getScanAllSchedule: onSystem('scan-all:read'),
  createScanAllSchedule: onSystem('scan-all:create'),
  updateScanAllSchedule: onSystem('scan-all:update'),
  stopScanAll: onSystem('scan-all:stop'),
  getLatestScanAllMetrics: onSystem('scan-all:read'),
  getLatestScheduledScanAllMetrics: onSystem('scan-all:read'),
};
