export {
  actorName,
  ANONYMOUS,
  isSystemAdmin,
  type Actor,
  type AnonymousActor,
  type RobotAccess,
  type RobotActor,
  type RobotGrant,
  type ScannerActor,
  type SystemActor,
  type UserActor,
} from './actor.js';
export {
  authorize,
  can,
  decide,
  NO_PROJECT,
  SYSTEM,
  type Decision,
  type ProjectSubject,
  type Subject,
  type SystemSubject,
} from './authorize.js';
export {
  findPermission,
  findProjectRow,
  isRobotGrantable,
  isScannerPull,
  permission,
  permissionName,
  resourcePath,
  type Action,
  type Permission,
  type PermissionName,
  type Resource,
} from './permission.js';
export { projectPermissions } from './project-permissions.js';
export { ForbiddenError, UnauthenticatedError } from './rbac.errors.js';
export { allowedAccess, REGISTRY_PERMISSION, registryActions } from './registry-access.js';
export { robotGrantable } from './robot-permissions.js';
export {
  isRoleId,
  Role,
  ROLE_NAME,
  ROLES_BY_POWER,
  strongestRole,
  weakestRole,
  type RoleId,
  type RoleName,
} from './role.js';
export { systemPermissions } from './system-permissions.js';
export {
  allows,
  allowsCatalog,
  formatScopes,
  grant,
  MAX_SCOPES,
  parseScopes,
  REGISTRY_ACTIONS,
  type CatalogAccess,
  type RegistryAction,
  type RepositoryAccess,
  type TokenAccess,
} from './token-scope.js';
