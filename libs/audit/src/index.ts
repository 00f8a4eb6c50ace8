export { FailedAttempts, type FailedAttempt } from './attempts/failed-attempts.js';
export { auditLogSchema, createAuditLog, type AuditLog, type AuditLogDependencies } from './create-audit-log.js';
export { AUDIT_EVENT_TYPES, type AuditEventType } from './entries/audit-entry.js';
export { auditLogFields } from './logs/audit-log-fields.js';
export {
  AuditLogReader,
  type AuditLogPage,
  type AuditLogRequest,
  type AuditLogRow,
  type AuditLogScope,
} from './logs/audit-log.reader.js';
export { CreateAuditLog1764000300000 } from './migrations/create-audit-log.migration.js';
export type { ProjectNames } from './ports.js';
export { AuditPurge } from './purge/audit-purge.js';
export { SignInRecorder, type CheckedSignIn } from './sign-ins/sign-in-recorder.js';
