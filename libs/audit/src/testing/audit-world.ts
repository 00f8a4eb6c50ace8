import { CreateOutbox1764000000000, type Database, Outbox } from '@breakwater/database';
import { createTestDatabase } from '@breakwater/testing';
import { type AuditLog, auditLogSchema, createAuditLog } from '../create-audit-log.js';

/** PostgreSQL with the audit log and an outbox that it observes. */
export interface AuditWorld {
  readonly database: Database;
  readonly auditLog: AuditLog;
  readonly outbox: Outbox;
  /** Of the projects there are. */
  readonly projectNames: Map<number, string>;
  /** What was written down, oldest first. */
  rows(): Promise<Record<string, unknown>[]>;
  close(): Promise<void>;
}

export async function createAuditWorld(): Promise<AuditWorld> {
  const test = await createTestDatabase({
    entities: [],
    migrations: [CreateOutbox1764000000000, ...auditLogSchema.migrations],
  });
  const database = await test.connect();
  const projectNames = new Map([[3, 'team']]);
  const projects = { findName: (_: unknown, id: number) => Promise.resolve(projectNames.get(id) ?? null) };
  const auditLog = createAuditLog({ database, projects });
  return {
    database,
    auditLog,
    outbox: new Outbox(undefined, [auditLog.observer]),
    projectNames,
    rows: () =>
      database.rows(
        `SELECT project_id AS project, username, operation || ' ' || resource_type AS did, resource, description,
                is_success AS success, op_time AS at
         FROM audit_log ORDER BY id`,
      ),
    close: () => test.drop(),
  };
}
