import type { Queryable, Transaction } from '@breakwater/database';

/** Rows of `project_scanner`. */
export class ProjectScannerRepository {
  /** Two who choose at once choose one after the other. */
  async lock(tx: Transaction, projectId: number): Promise<void> {
    await tx.execute(`SELECT pg_advisory_xact_lock(hashtext('project_scanner'), $1)`, [projectId]);
  }

  async isAny(database: Queryable, projectId: number): Promise<boolean> {
    return (await database.rows('SELECT FROM project_scanner WHERE project_id = $1 LIMIT 1', [projectId])).length > 0;
  }

  async replace(tx: Transaction, projectId: number, registrationIds: readonly number[]): Promise<void> {
    await tx.execute('DELETE FROM project_scanner WHERE project_id = $1', [projectId]);
    await tx.execute(
      `INSERT INTO project_scanner (project_id, registration_id, position)
       SELECT $1, id, position - 1 FROM unnest($2::integer[]) WITH ORDINALITY AS chosen (id, position)`,
      [projectId, registrationIds],
    );
  }
}
