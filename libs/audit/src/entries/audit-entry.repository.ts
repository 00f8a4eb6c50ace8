import type { PreparedStatement, Transaction } from '@breakwater/database';
import { type AuditEntry, operationOf } from './audit-entry.js';

/** Writes rows, any number in one statement. */
export class AuditEntryRepository {
  /** With the unit's next statement, or with its COMMIT. */
  insert(tx: Transaction, entries: readonly AuditEntry[]): void {
    if (entries.length === 0) return;
    const operations = entries.map(({ type }) => operationOf(type));
    tx.enqueue(INSERT, [
      entries.map(({ at }) => at),
      entries.map(({ projectId }) => projectId),
      entries.map(({ username }) => username),
      operations.map(({ operation }) => operation),
      operations.map(({ resourceType }) => resourceType),
      entries.map(({ resource }) => resource),
      entries.map(({ description }) => description),
      entries.map(({ isSuccess }) => isSuccess),
    ]);
  }
}

/** Each push pays for it, so that it is parsed and planned once for each connection. */
const INSERT: PreparedStatement = {
  name: 'audit.insert-entries',
  text: `INSERT INTO audit_log (op_time, project_id, username, operation, resource_type, resource, description, is_success)
         SELECT * FROM unnest($1::timestamptz[], $2::int[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
                              $8::boolean[])`,
};
