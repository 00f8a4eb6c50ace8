import type { Queryable, SqlValue, Transaction } from '@breakwater/database';
import type { Digest, Tag } from '@breakwater/oci';
import { COLUMNS, COLUMNS_OF_REPORT, reportOf, type ReportRow } from './report-row.js';
import type { FindingCounts, FinalScanStatus, Report, ReportChanges, ScanKind, Scanner } from './report.js';

/** A scan that is asked for. */
export interface NewReport {
  readonly artifactId: number;
  readonly projectId: number;
  readonly kind: ScanKind;
  readonly registrationId: number;
  readonly scanner: Scanner;
  readonly mediaType: string;
  readonly requestedBy: string;
  readonly tag: Tag | null;
}

/** What a scan came to. */
export interface ReportOutcome {
  readonly mediaType: string;
  readonly scanner: Scanner;
  readonly generatedAt: Date | null;
  readonly severity: string | null;
  readonly counts: FindingCounts;
  readonly changes: ReportChanges | null;
  readonly sbomDigests: Readonly<Record<string, Digest>> | null;
}

/** Rows of `scan_report`. */
export class ReportRepository {
  /** @returns those reports of the artifacts that count: the latest, and the good ones. Oldest scanner first. */
  async listOf(database: Queryable, artifactIds: readonly number[], kind: ScanKind): Promise<Report[]> {
    if (artifactIds.length === 0) return [];
    const rows = await database.rows<ReportRow>(
      `SELECT ${COLUMNS} FROM scan_report WHERE artifact_id = ANY ($1::bigint[]) AND kind = $2
       ORDER BY registration_id, id`,
      [artifactIds, kind],
    );
    return rows.map(reportOf);
  }

  async find(database: Queryable, id: number): Promise<Report | null> {
    return (await this.some(database, 'id = $1', [id]))[0] ?? null;
  }

  findByUuids(database: Queryable, uuids: readonly string[]): Promise<Report[]> {
    return this.some(database, 'uuid = ANY ($1::uuid[])', [uuids]);
  }

  findByIds(database: Queryable, ids: readonly number[]): Promise<Report[]> {
    return this.some(database, 'id = ANY ($1::bigint[])', [ids]);
  }

  /**
   * A row for each scan that does not wait or run already. Those before them that never came to a report go.
   *
   * The artifacts are held by the caller, so none of them can vanish meanwhile.
   *
   * @returns the rows that were made.
   */
  async insert(tx: Transaction, reports: readonly NewReport[]): Promise<Report[]> {
    if (reports.length === 0) return [];
    const keys = [
      reports.map(({ artifactId }) => artifactId),
      reports.map(({ kind }) => kind),
      reports.map(({ registrationId }) => registrationId),
    ];
    // Race: two that ask for the same scan. The row of the last scan is locked here; where there is none, or both
    // retire the same one, the unique index lets one of them in, and the other waits for it and inserts nothing.
    await tx.execute(RETIRE_LATEST, keys);
    const rows = await tx.rows<ReportRow>(
      `INSERT INTO scan_report (artifact_id, kind, registration_id, project_id, scanner, media_type, requested_by, tag,
                                repository_id, digest)
       SELECT asked.artifact_id, asked.kind, asked.registration_id, asked.project_id, asked.scanner, asked.media_type,
              asked.requested_by, asked.tag, artifact.repository_id, artifact.digest
       FROM unnest($1::bigint[], $2::text[], $3::integer[], $4::integer[], $5::jsonb[], $6::text[], $7::text[],
                   $8::text[]) WITH ORDINALITY
            AS asked (artifact_id, kind, registration_id, project_id, scanner, media_type, requested_by, tag, number)
       JOIN artifact ON artifact.id = asked.artifact_id
       ORDER BY asked.number
       ON CONFLICT (artifact_id, kind, registration_id) WHERE is_latest AND artifact_id IS NOT NULL DO NOTHING
       RETURNING ${COLUMNS}`,
      [
        ...keys,
        reports.map(({ projectId }) => projectId),
        reports.map(({ scanner }) => JSON.stringify(scanner)),
        reports.map(({ mediaType }) => mediaType),
        reports.map(({ requestedBy }) => requestedBy),
        reports.map(({ tag }) => tag),
      ],
    );
    return rows.map(reportOf);
  }

  /** @param ids  with the task of each, in the same order. */
  async assignTasks(
    tx: Transaction,
    executionId: number,
    ids: readonly number[],
    taskIds: readonly number[],
  ): Promise<void> {
    await tx.execute(
      `UPDATE scan_report SET execution_id = $1, task_id = assigned.task_id
       FROM unnest($2::bigint[], $3::bigint[]) AS assigned (id, task_id) WHERE scan_report.id = assigned.id`,
      [executionId, ids, taskIds],
    );
  }

  /** @returns false: the scan is over, or the artifact is gone. */
  async begin(tx: Transaction, id: number, taskId: number): Promise<boolean> {
    const count = await tx.execute(
      `UPDATE scan_report SET status = 'Running', started_at = coalesce(started_at, now())
       WHERE id = $1 AND task_id = $2 AND artifact_id IS NOT NULL
         AND status IN ('Pending', 'Scheduled', 'Running')`,
      [id, taskId],
    );
    return count > 0;
  }

  /** @returns false: it did not run. */
  async wait(tx: Transaction, id: number, taskId: number): Promise<boolean> {
    const count = await tx.execute(
      `UPDATE scan_report SET status = 'Scheduled'
       WHERE id = $1 AND task_id = $2 AND artifact_id IS NOT NULL AND status = 'Running'`,
      [id, taskId],
    );
    return count > 0;
  }

  /** The report is there: it takes the place of the good one before it. */
  async succeed(tx: Transaction, report: Report, outcome: ReportOutcome): Promise<void> {
    const { artifactId, kind, registrationId } = report;
    await tx.execute(
      `UPDATE scan_report SET is_good = false, artifact_id = NULL
       WHERE artifact_id = $1 AND kind = $2 AND registration_id = $3 AND is_good AND id <> $4`,
      [artifactId, kind, registrationId, report.id],
    );
    const { counts, changes, sbomDigests } = outcome;
    await tx.execute(
      `UPDATE scan_report
       SET status = 'Success', status_message = '', is_good = true, ended_at = now(),
           started_at = coalesce(started_at, now()), media_type = $2, scanner = $3, generated_at = $4, severity = $5,
           critical_count = $6, high_count = $7, medium_count = $8, low_count = $9, negligible_count = $10,
           none_count = $11, unknown_count = $12, total_count = $13, fixable_count = $14,
           added_count = $15, fixed_count = $16, sbom_digests = $17,
           row_count = (SELECT count(*) FROM report_vulnerability WHERE report_id = $1)
       WHERE id = $1`,
      [
        ...[report.id, outcome.mediaType, JSON.stringify(outcome.scanner), outcome.generatedAt, outcome.severity],
        ...[counts.Critical, counts.High, counts.Medium, counts.Low, counts.Negligible, counts.None, counts.Unknown],
        ...[counts.total, counts.fixable, changes?.added ?? null, changes?.fixed ?? null],
        sbomDigests === null ? null : JSON.stringify(sbomDigests),
      ],
    );
  }

  /** @returns those that were not over yet, as they are now. */
  async end(
    tx: Transaction,
    ends: readonly { readonly taskId: number; readonly status: FinalScanStatus; readonly message: string }[],
  ): Promise<Report[]> {
    const rows = await tx.rows<ReportRow>(
      `UPDATE scan_report SET status = ended.status, status_message = ended.message, ended_at = now()
       FROM unnest($1::bigint[], $2::text[], $3::text[]) AS ended (task_id, status, message)
       WHERE scan_report.task_id = ended.task_id AND scan_report.status IN ('Pending', 'Scheduled', 'Running')
       RETURNING ${COLUMNS_OF_REPORT}`,
      [ends.map((end) => end.taskId), ends.map((end) => end.status), ends.map((end) => end.message)],
    );
    return rows.map(reportOf);
  }

  /** Reports of scanners that do not count for the project any more; those that wait or run stay. */
  async retireOthers(
    tx: Transaction,
    artifactId: number,
    kind: ScanKind,
    registrationIds: readonly number[],
  ): Promise<void> {
    await tx.execute(
      `UPDATE scan_report SET artifact_id = NULL
       WHERE artifact_id = $1 AND kind = $2 AND registration_id <> ALL ($3::integer[])
         AND status IN ('Success', 'Error', 'Stopped')`,
      [artifactId, kind, registrationIds],
    );
  }

  /** When what they tell of is gone: the artifact has no reports of this kind any more, but for those that run. */
  async forget(tx: Transaction, ids: readonly number[]): Promise<void> {
    await tx.execute('UPDATE scan_report SET artifact_id = NULL WHERE id = ANY ($1::bigint[])', [ids]);
  }

  /** An accessory of the report is gone; with the last one the report itself. */
  async withoutSbom(tx: Transaction, id: number, digest: Digest): Promise<void> {
    await tx.execute(
      `WITH kept AS (
         SELECT coalesce(jsonb_object_agg(key, value), '{}') AS digests
         FROM scan_report, jsonb_each_text(sbom_digests) WHERE id = $1 AND value <> $2
       )
       UPDATE scan_report
       SET sbom_digests = kept.digests, artifact_id = CASE WHEN kept.digests = '{}' THEN NULL ELSE artifact_id END
       FROM kept WHERE id = $1`,
      [id, digest],
    );
  }

  private async some(database: Queryable, condition: string, params: readonly SqlValue[]): Promise<Report[]> {
    const rows = await database.rows<ReportRow>(`SELECT ${COLUMNS} FROM scan_report WHERE ${condition} ORDER BY id`, [
      ...params,
    ]);
    return rows.map(reportOf);
  }
}

/** The last scans of these give up their place; one that is no good report has nothing to be kept for. */
const RETIRE_LATEST = `
  WITH asked AS (
    SELECT report.id FROM unnest($1::bigint[], $2::text[], $3::integer[]) AS wanted (artifact_id, kind, registration_id)
    JOIN scan_report report ON report.artifact_id = wanted.artifact_id AND report.kind = wanted.kind
                           AND report.registration_id = wanted.registration_id
    WHERE report.is_latest AND report.status IN ('Success', 'Error', 'Stopped')
    ORDER BY report.id FOR NO KEY UPDATE OF report
  )
  UPDATE scan_report
  SET is_latest = false, artifact_id = CASE WHEN is_good THEN artifact_id END
  FROM asked WHERE scan_report.id = asked.id`;
