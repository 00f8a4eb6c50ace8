export { auditLogSchema, createAuditLog, type AuditLog, type AuditLogDependencies } from './create-audit-log.js';
export { AUDIT_EVENT_TYPES, type AuditEventType } from './entries/audit-entry.js';
export { CreateAuditLog1764000300000 } from './migrations/create-audit-log.migration.js';
export type { ProjectNames } from './ports.js';
