import type { Database, Queryable, Transaction } from '@breakwater/database';
import { findingsOf, worstSeverity, type Vulnerability } from '@breakwater/scanner-spec';
import type { FindingCounts, ReportChanges } from '../reports/report.js';
import { ReportGoneError } from '../scans/scan.errors.js';
import { findingLock } from './finding-lock.js';
import { storedFindingOf, type StoredFinding } from './stored-finding.js';

/** What a report came to, once all of it is stored. */
export interface FindingTotals {
  readonly severity: string;
  readonly counts: FindingCounts;
}

/**
 * Writes down what reports found, while the report is not shown yet: in small transactions of their own, however large
 * it is, so that nobody waits for it. Whoever finishes the report makes it true in one step.
 */
export class FindingStore {
  constructor(private readonly database: Database) {}

  /** Takes back what an earlier run of the same scan has stored. */
  async clear(reportId: number): Promise<void> {
    await this.database.unitOfWork.run((tx) => tx.execute(CLEAR_LINKS, [reportId]));
    await this.database.unitOfWork.run((tx) => tx.execute(CLEAR_CHANGES, [reportId]));
  }

  /**
   * Some items of a report; call it for all of them, in any order and split as they come.
   *
   * Almost everything that a scanner finds has been found by it before: only fingerprints are sent then.
   *
   * @throws ReportGoneError  the artifact was deleted meanwhile.
   */
  async add(reportId: number, registrationId: number, items: readonly Vulnerability[]): Promise<void> {
    const found = new Map(
      findingsOf(items).map((finding) => {
        const stored = storedFindingOf(registrationId, finding);
        return [stored.fingerprint, stored] as const;
      }),
    );
    if (found.size === 0) return;
    await this.database.unitOfWork.run(async (tx) => {
      // Nothing must be written for a report that the sweeper has taken, or is about to.
      const [report] = await tx.rows(LOCK_REPORT, [reportId]);
      if (report === undefined) throw new ReportGoneError();
      await findingLock.toStore(tx);
      const known = new Set(await linkKnown(tx, reportId, [...found.keys()]));
      const unknown = [...found.values()].filter(({ fingerprint }) => !known.has(fingerprint));
      if (unknown.length === 0) return;
      await insertFindings(tx, registrationId, unknown);
      await linkKnown(
        tx,
        reportId,
        unknown.map(({ fingerprint }) => fingerprint),
      );
    });
  }

  /** Counts what was stored: what a scanner repeats, once for each layer say, is one finding with its worst severity. */
  async totals(reportId: number): Promise<FindingTotals> {
    const counts = (await countTogether(this.database, new Map([[reportId, [reportId]]]))).get(reportId) ?? NO_FINDINGS;
    const words = await this.database.rows<{ severity: string }>(
      `SELECT DISTINCT v.severity FROM report_vulnerability l JOIN vulnerability v ON v.id = l.vulnerability_id
       WHERE l.report_id = $1`,
      [reportId],
    );
    return { severity: worstSeverity(words.map(({ severity }) => severity)), counts };
  }

  /** What differs from the report before, written down with the new one. @returns how much. */
  async compare(reportId: number, previousId: number): Promise<ReportChanges> {
    const [row] = await this.database.unitOfWork.run((tx) =>
      tx.rows<{ added: number; fixed: number }>(COMPARE, [reportId, previousId]),
    );
    return row ?? { added: 0, fixed: 0 };
  }
}

export const NO_FINDINGS: FindingCounts = {
  ...{ Critical: 0, High: 0, Medium: 0, Low: 0, Negligible: 0, None: 0, Unknown: 0 },
  total: 0,
  fixable: 0,
};

/**
 * Findings of several reports together, by CVE, package and version, each with the worst severity that it was given.
 *
 * @param reportIds  by what they are counted for.
 */
export async function countTogether(
  database: Queryable,
  reportIds: ReadonlyMap<number, readonly number[]>,
): Promise<Map<number, FindingCounts>> {
  const pairs = [...reportIds].flatMap(([key, ids]) => ids.map((id) => [key, id] as const));
  if (pairs.length === 0) return new Map();
  const rows = await database.rows<CountRow>(COUNT, [pairs.map(([key]) => key), pairs.map(([, id]) => id)]);
  return new Map(rows.map(({ key, ...counts }) => [Number(key), counts]));
}

const LOCK_REPORT = 'SELECT id FROM scan_report WHERE id = $1 AND artifact_id IS NOT NULL FOR KEY SHARE';
const CLEAR_LINKS = 'DELETE FROM report_vulnerability WHERE report_id = $1';
const CLEAR_CHANGES = 'DELETE FROM report_change WHERE report_id = $1';

/** @returns fingerprints of those that are there, which the report has from now on. */
async function linkKnown(tx: Transaction, reportId: number, fingerprints: readonly string[]): Promise<string[]> {
  const rows = await tx.rows<{ fingerprint: string }>(
    `WITH known AS (
       SELECT id, fingerprint FROM vulnerability WHERE fingerprint = ANY ($2::uuid[])
     ), linked AS (
       INSERT INTO report_vulnerability (report_id, vulnerability_id) SELECT $1, id FROM known ON CONFLICT DO NOTHING
     )
     SELECT fingerprint FROM known`,
    [reportId, fingerprints],
  );
  return rows.map(({ fingerprint }) => fingerprint);
}

/** In the order of their fingerprints: two reports with the same news then wait for one another, and never in a ring. */
async function insertFindings(
  tx: Transaction,
  registrationId: number,
  findings: readonly StoredFinding[],
): Promise<void> {
  const sorted = findings.toSorted((one, other) => (one.fingerprint < other.fingerprint ? -1 : 1));
  const column = <T>(of: (finding: StoredFinding) => T): T[] => sorted.map(of);
  await tx.execute(
    `INSERT INTO vulnerability (fingerprint, registration_id, cve_id, package, version, fix_version, severity,
                                severity_rank, status, cvss_v3_score, detail)
     SELECT fingerprint, $2, cve_id, package, version, fix_version, severity, severity_rank, status, score, detail
     FROM unnest($1::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::smallint[], $9::text[],
                 $10::float8[], $11::json[])
       AS told (fingerprint, cve_id, package, version, fix_version, severity, severity_rank, status, score, detail)
     ON CONFLICT (fingerprint) DO NOTHING`,
    [
      column((finding) => finding.fingerprint),
      registrationId,
      column((finding) => finding.cveId),
      column((finding) => finding.package),
      column((finding) => finding.version),
      column((finding) => finding.fixVersion),
      column((finding) => finding.severity),
      column((finding) => finding.severityRank),
      column((finding) => finding.status),
      column((finding) => finding.cvssV3Score),
      column((finding) => finding.detail),
    ],
  );
}

/** Whose words are the specification's, or another's that `Unknown` stands for. */
const KNOWN_WORDS = ['Critical', 'High', 'Medium', 'Low', 'Negligible', 'None'] as const;

const COUNT = `
  SELECT key, ${KNOWN_WORDS.map((word) => `count(*) FILTER (WHERE severity = '${word}')::integer AS "${word}"`).join(', ')},
         count(*) FILTER (WHERE severity NOT IN (${KNOWN_WORDS.map((word) => `'${word}'`).join(', ')}))::integer
           AS "Unknown",
         count(*)::integer AS total, count(*) FILTER (WHERE is_fixable)::integer AS fixable
  FROM (
    SELECT told.key, (array_agg(v.severity ORDER BY v.severity_rank DESC))[1] AS severity,
           bool_or(v.fix_version <> '') AS is_fixable
    FROM unnest($1::bigint[], $2::bigint[]) AS told (key, report_id)
    JOIN report_vulnerability l ON l.report_id = told.report_id
    JOIN vulnerability v ON v.id = l.vulnerability_id
    GROUP BY told.key, v.cve_id, v.package, v.version
  ) finding
  GROUP BY key`;

/**
 * Most of two reports is the same rows, and only the rest is compared by CVE, package and version: a new description is
 * no news.
 */
const COMPARE = `
  WITH new_only AS (
    SELECT v.id, v.cve_id, v.package, v.version FROM report_vulnerability l JOIN vulnerability v ON v.id = l.vulnerability_id
    WHERE l.report_id = $1
      AND NOT EXISTS (SELECT FROM report_vulnerability o WHERE o.report_id = $2 AND o.vulnerability_id = l.vulnerability_id)
  ), old_only AS (
    SELECT v.id, v.cve_id, v.package, v.version FROM report_vulnerability l JOIN vulnerability v ON v.id = l.vulnerability_id
    WHERE l.report_id = $2
      AND NOT EXISTS (SELECT FROM report_vulnerability o WHERE o.report_id = $1 AND o.vulnerability_id = l.vulnerability_id)
  ), change AS (
    SELECT DISTINCT ON (cve_id, package, version) id, 'added' AS kind FROM new_only
    WHERE NOT EXISTS (SELECT FROM report_vulnerability o JOIN vulnerability v ON v.id = o.vulnerability_id
                      WHERE o.report_id = $2 AND (v.cve_id, v.package, v.version)
                                               = (new_only.cve_id, new_only.package, new_only.version))
    UNION ALL
    (SELECT DISTINCT ON (cve_id, package, version) id, 'fixed' FROM old_only
     WHERE NOT EXISTS (SELECT FROM report_vulnerability o JOIN vulnerability v ON v.id = o.vulnerability_id
                       WHERE o.report_id = $1 AND (v.cve_id, v.package, v.version)
                                                = (old_only.cve_id, old_only.package, old_only.version)))
  ), kept AS (
    INSERT INTO report_change (report_id, vulnerability_id, kind) SELECT $1, id, kind FROM change
    ON CONFLICT DO NOTHING
  )
  SELECT count(*) FILTER (WHERE kind = 'added')::integer AS added,
         count(*) FILTER (WHERE kind = 'fixed')::integer AS fixed
  FROM change`;

interface CountRow extends FindingCounts {
  readonly key: string;
}
