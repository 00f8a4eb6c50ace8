import type { Database } from '@breakwater/database';

/** Takes away rows that are older than anybody wants them, in small batches; any number of replicas may. */
export class AuditPurge {
  constructor(private readonly database: Pick<Database, 'rows'>) {}

  /**
   * One batch, the oldest first.
   *
   * @param keepDays  more than 0; by when it came to pass.
   * @returns how many went; less than `limit`: none is left.
   */
  async purge(keepDays: number, limit = 5_000): Promise<number> {
    const gone = await this.database.rows(
      `DELETE FROM audit_log WHERE id IN (
         SELECT id FROM audit_log WHERE op_time < now() - make_interval(days => $1)
          ORDER BY op_time, id LIMIT $2 FOR UPDATE SKIP LOCKED)
       RETURNING id`,
      [keepDays, limit],
    );
    return gone.length;
  }
}
