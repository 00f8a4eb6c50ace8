import type { Database, DatabaseSchema, OutboxObserver } from '@breakwater/database';
import { FailedAttempts } from './attempts/failed-attempts.js';
import { AuditEntryRepository } from './entries/audit-entry.repository.js';
import { AuditObserver } from './entries/audit-observer.js';
import { AuditLogReader } from './logs/audit-log.reader.js';
import { CreateAuditLog1764000300000 } from './migrations/create-audit-log.migration.js';
import { systemClock, type Clock, type ProjectNames } from './ports.js';
import { SignInRecorder } from './sign-ins/sign-in-recorder.js';

/** The table of this module. It refers to no other. */
export const auditLogSchema = {
  entities: [],
  migrations: [CreateAuditLog1764000300000],
} as const satisfies DatabaseSchema;

export interface AuditLogDependencies {
  readonly database: Database;
  readonly projects: ProjectNames;
  readonly clock?: Clock;
}

/** One per process. */
export interface AuditLog {
  /** For `new Outbox(wake, [observer])`. */
  readonly observer: OutboxObserver;
  /** For `createAccounts({ signIns })`. */
  readonly signIns: SignInRecorder;
  /** For what users try in vain: no event tells of it. */
  readonly attempts: FailedAttempts;
  readonly reader: AuditLogReader;
  /** Writes down what is still in memory. Call it when no request is under way any more, before the database closes. */
  close(): Promise<void>;
}

export function createAuditLog({ database, projects, clock = systemClock }: AuditLogDependencies): AuditLog {
  const entries = new AuditEntryRepository();
  const signIns = new SignInRecorder(database.unitOfWork, entries, clock);
  const attempts = new FailedAttempts(database.unitOfWork, entries, clock);
  return {
    observer: new AuditObserver(entries, projects),
    signIns,
    attempts,
    reader: new AuditLogReader(database),
    async close() {
      await Promise.all([signIns.flush(), attempts.flush()]);
    },
  };
}
