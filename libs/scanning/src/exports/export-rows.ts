import type { Database } from '@breakwater/database';
import { SEARCHED } from '../security-hub/finding-filter.js';
import { patternToRegex, type ExportFilter } from './export-filter.js';

/** One finding in one artifact, as a line of the file has it. */
export interface ExportRow {
  readonly repository: string;
  readonly digest: string;
  readonly cve_id: string;
  readonly package: string;
  readonly version: string;
  readonly fix_version: string;
  readonly severity: string;
  readonly cwe_ids: readonly string[] | null;
  readonly vendor_attributes: object | null;
  readonly scanner: string;
}

/** Reads what an export has: some thousand rows at a time, whatever the project holds and a single report has. */
export class ExportRows {
  constructor(private readonly database: Database) {}

  /** Of all scanners, by repository. */
  async *read(projectId: number, filter: ExportFilter): AsyncGenerator<readonly ExportRow[]> {
    const repositories = await this.database.rows<{ id: string; name: string }>(REPOSITORIES, [
      projectId,
      patternToRegex(filter.repositories),
    ]);
    const tags = patternToRegex(filter.tags);
    const cveIds = patternToRegex(filter.cveIds);
    for (const { id, name } of repositories)
      for await (const reportIds of this.reports(id, tags)) yield* this.findings(name, reportIds, cveIds);
  }

  private async *reports(repositoryId: string, tags: string | null): AsyncGenerator<readonly string[]> {
    for (let after = '0'; ;) {
      const found = await this.database.rows<{ id: string }>(REPORTS, [repositoryId, after, tags, REPORTS_AT_ONCE]);
      if (found.length > 0) yield found.map(({ id }) => id);
      if (found.length < REPORTS_AT_ONCE) return;
      after = found.at(-1)?.id ?? after;
    }
  }

  private async *findings(
    repository: string,
    reportIds: readonly string[],
    cveIds: string | null,
  ): AsyncGenerator<readonly ExportRow[]> {
    for (let after = ['0', '0']; ;) {
      const rows = await this.database.rows<ExportRow & { report_id: string; vulnerability_id: string }>(FINDINGS, [
        reportIds,
        ...after,
        cveIds,
        FINDINGS_AT_ONCE,
      ]);
      if (rows.length > 0) yield rows.map((row) => ({ ...row, repository }));
      const last = rows.at(-1);
      if (last === undefined || rows.length < FINDINGS_AT_ONCE) return;
      after = [last.report_id, last.vulnerability_id];
    }
  }
}

const REPORTS_AT_ONCE = 20;
const FINDINGS_AT_ONCE = 2_000;

const REPOSITORIES = `
  SELECT id, name FROM repository
  WHERE project_id = $1 AND ($2::text IS NULL OR name ~ $2 OR substr(name, strpos(name, '/') + 1) ~ $2)
  ORDER BY name`;

const REPORTS = `
  SELECT r.id FROM scan_report r
  WHERE ${SEARCHED} AND r.repository_id = $1 AND r.id > $2
    AND ($3::text IS NULL OR EXISTS (
      SELECT FROM tag WHERE tag.name ~ $3
        AND (tag.artifact_id = r.artifact_id
             OR tag.artifact_id IN (SELECT reference.artifact_id FROM artifact_reference reference
                                    WHERE reference.child_id = r.artifact_id))))
  ORDER BY r.id LIMIT $4`;

const FINDINGS = `
  SELECT l.report_id, l.vulnerability_id, r.digest, r.scanner ->> 'name' AS scanner, v.cve_id, v.package, v.version,
         v.fix_version, v.severity, v.detail -> 'cwe_ids' AS cwe_ids, v.detail -> 'vendor_attributes' AS vendor_attributes
  FROM report_vulnerability l
  JOIN scan_report r ON r.id = l.report_id
  JOIN vulnerability v ON v.id = l.vulnerability_id
  WHERE l.report_id = ANY ($1::bigint[]) AND (l.report_id, l.vulnerability_id) > ($2::bigint, $3::bigint)
    AND ($4::text IS NULL OR v.cve_id ~ $4)
  ORDER BY l.report_id, l.vulnerability_id LIMIT $5`;
