import type { DatabaseSchema, OutboxObserver } from '@breakwater/database';
import { AuditEntryRepository } from './entries/audit-entry.repository.js';
import { AuditObserver } from './entries/audit-observer.js';
import { CreateAuditLog1764000300000 } from './migrations/create-audit-log.migration.js';
import type { ProjectNames } from './ports.js';

/** The table of this module. It refers to no other. */
export const auditLogSchema = {
  entities: [],
  migrations: [CreateAuditLog1764000300000],
} as const satisfies DatabaseSchema;

export interface AuditLogDependencies {
  readonly projects: ProjectNames;
}

/** One per process. */
export interface AuditLog {
  /** For `new Outbox(wake, [observer])`. */
  readonly observer: OutboxObserver;
}

export function createAuditLog({ projects }: AuditLogDependencies): AuditLog {
  return { observer: new AuditObserver(new AuditEntryRepository(), projects) };
}
