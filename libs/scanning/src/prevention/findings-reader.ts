import type { Database } from '@breakwater/database';
import { type Finding, severityRank, type SeverityThreshold } from '@breakwater/domain';
import type { ScanStatus } from '../reports/report.js';

export interface FindingsQuestion {
  readonly projectId: number;
  readonly artifactId: string;
  readonly threshold: SeverityThreshold;
}

/** What the scanners of the project know of an artifact. */
export interface KnownFindings {
  /** Whether one of them has come to a report, however old. */
  readonly isScanned: boolean;
  /** Of their last scan; null where none of them was ever asked. */
  readonly lastStatus: ScanStatus | null;
  /** Of all their reports, those that reach the threshold; a CVE of several packages once, at its worst. */
  readonly findings: readonly Finding[];
}

/** Reports as a pull asks for them: those of the scanners that the project uses now. One statement for many artifacts. */
export class FindingsReader {
  constructor(private readonly database: Database) {}

  async read(questions: readonly FindingsQuestion[]): Promise<KnownFindings[]> {
    const rows = await this.database.rows<FindingsRow>(READ_FINDINGS, [
      questions.map(({ artifactId }) => artifactId),
      questions.map(({ projectId }) => projectId),
      questions.map(({ threshold }) => severityRank(threshold)),
    ]);
    return rows.map(({ isScanned, lastStatus, cveIds, severities }) => ({
      isScanned,
      lastStatus,
      findings: cveIds.map((cveId, index) => ({ cveId, severity: severities[index] as string })),
    }));
  }
}

const READ_FINDINGS = {
  name: 'scanning.read-findings',
  text: `
    SELECT coalesce(scans.good_ids IS NOT NULL, false) AS "isScanned", scans.last_status AS "lastStatus",
           coalesce(found.cve_ids, '{}') AS "cveIds", coalesce(found.severities, '{}') AS severities
    FROM unnest($1::bigint[], $2::integer[], $3::integer[])
           WITH ORDINALITY AS wanted (artifact_id, project_id, least_rank, position)
    CROSS JOIN LATERAL (
      SELECT array_agg(report.id) FILTER (WHERE report.is_good) AS good_ids,
             (array_agg(report.status ORDER BY report.id DESC) FILTER (WHERE report.is_latest))[1] AS last_status
      FROM scan_report report
      WHERE report.artifact_id = wanted.artifact_id AND report.kind = 'vulnerability'
        AND report.registration_id IN (
          SELECT chosen.registration_id FROM project_scanner chosen WHERE chosen.project_id = wanted.project_id
          UNION ALL
          SELECT registration.id FROM scanner_registration registration
          WHERE registration.is_default
            AND NOT EXISTS (SELECT FROM project_scanner chosen WHERE chosen.project_id = wanted.project_id))
    ) scans
    LEFT JOIN LATERAL (
      SELECT array_agg(each.cve_id) AS cve_ids, array_agg(each.severity) AS severities
      FROM (
        SELECT DISTINCT ON (finding.cve_id) finding.cve_id, finding.severity
        FROM report_vulnerability held JOIN vulnerability finding ON finding.id = held.vulnerability_id
        WHERE held.report_id = ANY (scans.good_ids) AND finding.severity_rank >= wanted.least_rank
        ORDER BY finding.cve_id, finding.severity_rank DESC
      ) each
    ) found ON true
    ORDER BY wanted.position`,
};

interface FindingsRow {
  readonly isScanned: boolean;
  readonly lastStatus: ScanStatus | null;
  readonly cveIds: readonly string[];
  readonly severities: readonly string[];
}
