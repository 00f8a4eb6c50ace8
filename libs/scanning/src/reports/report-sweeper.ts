import type { Database } from '@breakwater/database';
import { findingLock } from '../vulnerabilities/finding-lock.js';

/**
 * Takes away the reports that nothing shows any more: of artifacts that are gone, and those that newer ones have taken
 * the place of; with them findings that no other report names. In small batches, in as many processes as you like.
 */
export class ReportSweeper {
  constructor(private readonly database: Database) {}

  /** @returns how many reports went; 0: there are none left, or others have them in hand. */
  async sweep(limit = REPORTS_AT_ONCE): Promise<number> {
    return this.database.unitOfWork.run(async (tx) => {
      const gone = await tx.rows<GoneReport>(
        `SELECT id, total_count FROM scan_report WHERE artifact_id IS NULL ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED`,
        [limit],
      );
      if (gone.length === 0) return 0;
      const ids = atOnce(gone).map(({ id }) => id);
      await findingLock.toSweep(tx);
      const named = await tx.rows<{ vulnerability_id: string }>(
        `WITH links AS (
           DELETE FROM report_vulnerability WHERE report_id = ANY ($1::bigint[]) RETURNING vulnerability_id
         ), changes AS (
           DELETE FROM report_change WHERE report_id = ANY ($1::bigint[]) RETURNING vulnerability_id
         )
         SELECT vulnerability_id FROM links UNION SELECT vulnerability_id FROM changes`,
        [ids],
      );
      await tx.execute(DELETE_UNNAMED, [named.map((row) => row.vulnerability_id)]);
      await tx.execute('DELETE FROM scan_report WHERE id = ANY ($1::bigint[])', [ids]);
      return ids.length;
    });
  }
}

const REPORTS_AT_ONCE = 20;
/** Whoever stores a report waits for us so long. */
const FINDINGS_AT_ONCE = 10_000;

/** The first, and as many more as come to a bearable number of findings. */
function atOnce(gone: readonly GoneReport[]): readonly GoneReport[] {
  let findings = 0;
  return gone.filter(({ total_count: count }, index) => (findings += count) <= FINDINGS_AT_ONCE || index === 0);
}

interface GoneReport {
  readonly id: string;
  readonly total_count: number;
}

const DELETE_UNNAMED = `
  DELETE FROM vulnerability v
  WHERE v.id = ANY ($1::bigint[])
    AND NOT EXISTS (SELECT FROM report_vulnerability l WHERE l.vulnerability_id = v.id)
    AND NOT EXISTS (SELECT FROM report_change c WHERE c.vulnerability_id = v.id)`;
