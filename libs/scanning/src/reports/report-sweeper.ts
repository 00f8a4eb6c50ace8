import type { Database, Transaction } from '@breakwater/database';
import type { ScanTargets } from '../scans/ports.js';
import { findingLock } from '../vulnerabilities/finding-lock.js';
import type { OverviewWriter } from './overview-writer.js';
import type { ScanKind } from './report.js';
import type { ReportRepository } from './report.repository.js';

/**
 * Takes away the reports that nothing shows any more: of artifacts that are gone, and those that newer ones have taken
 * the place of; with them findings that no other report names. Before that, what scanners found that are no longer
 * registered: it counts for nobody. In small batches, in as many processes as you like.
 */
export class ReportSweeper {
  constructor(private readonly deps: ReportSweeperDependencies) {}

  /**
   * Findings of scanners that were deleted are shown no more, and wait for `sweep`. Scans on their way end by themselves.
   *
   * @returns how many there were; 0: none are left.
   */
  async retire(limit = RETIRED_AT_ONCE): Promise<number> {
    const { database } = this.deps;
    const found = await database.rows<OrphanedReport>(ORPHANED, [limit]);
    for (const [kind, ofKind] of Map.groupBy(found, (report) => report.kind))
      await database.unitOfWork.run((tx) => this.retireSome(tx, kind, ofKind));
    return found.length;
  }

  private async retireSome(tx: Transaction, kind: ScanKind, found: readonly OrphanedReport[]): Promise<void> {
    const { targets, reports, overviews } = this.deps;
    // The artifacts before the reports, as whoever deletes artifacts. A scan that has ended stays so: nothing changes
    // a report of a scanner that is not there.
    const there = await targets.hold(tx, [...new Set(found.map((report) => Number(report.artifact_id)))]);
    await reports.forget(
      tx,
      found.map(({ id }) => Number(id)),
    );
    await overviews.refresh(tx, kind, [...there]);
  }

  /**
   * @param findingsAtOnce  what one transaction takes away.
   * @returns how many reports went; 0: there are none left, or others have them in hand.
   */
  async sweep(limit = REPORTS_AT_ONCE, findingsAtOnce = FINDINGS_AT_ONCE): Promise<number> {
    for (;;) {
      const swept = await this.deps.database.unitOfWork.run((tx) => this.sweepSome(tx, limit, findingsAtOnce));
      if (swept !== 'more') return swept;
    }
  }

  /** @returns `more`: of what the reports named only a part is gone, and they themselves are still there. */
  private async sweepSome(tx: Transaction, limit: number, atOnce: number): Promise<number | 'more'> {
    const gone = await tx.rows<{ id: string }>(
      'SELECT id FROM scan_report WHERE artifact_id IS NULL ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED',
      [limit],
    );
    if (gone.length === 0) return 0;
    const ids = gone.map(({ id }) => id);
    await findingLock.toSweep(tx);
    const links = await tx.rows<Named>(TAKE_LINKS, [ids, atOnce]);
    const changes = await tx.rows<Named>(TAKE_CHANGES, [ids, atOnce]);
    const named = [...links, ...changes].map((row) => row.vulnerability_id);
    await tx.execute(DELETE_UNNAMED, [[...new Set(named)]]);
    if (links.length === atOnce || changes.length === atOnce) return 'more';
    await tx.execute('DELETE FROM scan_report WHERE id = ANY ($1::bigint[])', [ids]);
    return ids.length;
  }
}

const REPORTS_AT_ONCE = 20;
const RETIRED_AT_ONCE = 200;
/** Whoever stores a report waits for us so long, however large the reports are that go. */
const FINDINGS_AT_ONCE = 10_000;

/** By place, which needs no search among millions: nobody else moves what a report names that is gone. */
const takeSome = (table: string): string => `
  DELETE FROM ${table} WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM ${table} WHERE report_id = ANY ($1::bigint[]) LIMIT $2))
  RETURNING vulnerability_id`;
const TAKE_LINKS = takeSome('report_vulnerability');
const TAKE_CHANGES = takeSome('report_change');

interface Named {
  readonly vulnerability_id: string;
}

export interface ReportSweeperDependencies {
  readonly database: Database;
  readonly targets: ScanTargets;
  readonly reports: ReportRepository;
  readonly overviews: OverviewWriter;
}

interface OrphanedReport {
  readonly id: string;
  readonly artifact_id: string;
  readonly kind: ScanKind;
}

/** An SBOM says what is inside, whoever has made it: it stays as long as its accessory does. */
const ORPHANED = `
  SELECT report.id, report.artifact_id, report.kind FROM scan_report report
  WHERE report.artifact_id IS NOT NULL AND report.status IN ('Success', 'Error', 'Stopped')
    AND (report.kind = 'vulnerability' OR report.sbom_digests IS NULL)
    AND NOT EXISTS (SELECT FROM scanner_registration scanner WHERE scanner.id = report.registration_id)
  ORDER BY report.id LIMIT $1`;

const DELETE_UNNAMED = `
  DELETE FROM vulnerability v
  WHERE v.id = ANY ($1::bigint[])
    AND NOT EXISTS (SELECT FROM report_vulnerability l WHERE l.vulnerability_id = v.id)
    AND NOT EXISTS (SELECT FROM report_change c WHERE c.vulnerability_id = v.id)`;
