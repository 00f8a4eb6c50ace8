import type { Database } from '@breakwater/database';
import { severityRank } from '@breakwater/domain';
import { randomUUID } from 'node:crypto';

/** The rows that scanners leave behind (libs/scanning), as a pull reads them. */
export class Findings {
  constructor(private readonly database: Database) {}

  /** @returns its id. */
  async scanner(name: string, { isDefault = false } = {}): Promise<number> {
    const [row] = await this.database.rows<{ id: number }>(
      'INSERT INTO scanner_registration (name, url, is_default) VALUES ($1, $2, $3) RETURNING id',
      [name, `http://${name}.test`, isDefault],
    );
    return row?.id ?? 0;
  }

  /** What a project chooses instead of the default. */
  async choose(projectId: number, ...scannerIds: readonly number[]): Promise<void> {
    await this.database.rows('DELETE FROM project_scanner WHERE project_id = $1', [projectId]);
    for (const [position, id] of scannerIds.entries())
      await this.database.rows('INSERT INTO project_scanner VALUES ($1, $2, $3)', [projectId, id, position]);
  }

  /** A good report that takes the place of the scanner's last one. @param found  pairs of CVE and severity. */
  async report(digest: string, scannerId: number, ...found: readonly (readonly [string, string])[]): Promise<void> {
    const id = await this.scan(digest, scannerId, 'Success');
    for (const [cveId, severity] of found) {
      await this.database.rows(
        `WITH finding AS (
           INSERT INTO vulnerability (fingerprint, registration_id, cve_id, package, version, fix_version, severity,
                                      severity_rank, status, cvss_v3_score, detail)
           VALUES ($1, $2, $3, 'a package', '1', '', $4, $5, '', 0, '{}') RETURNING id)
         INSERT INTO report_vulnerability SELECT $6, id FROM finding`,
        [randomUUID(), scannerId, cveId, severity, severityRank(severity), id],
      );
    }
  }

  /** A scan that came to this status. A good one retires the good one before it; any the latest before it. */
  async scan(digest: string, scannerId: number, status: string): Promise<string> {
    const isGood = status === 'Success';
    await this.database.rows(
      `UPDATE scan_report SET is_latest = false, is_good = is_good AND NOT $3::boolean,
              artifact_id = CASE WHEN is_good AND NOT $3::boolean THEN artifact_id END
       FROM artifact WHERE artifact.id = scan_report.artifact_id AND artifact.digest = $1 AND registration_id = $2`,
      [digest, scannerId, isGood],
    );
    const [row] = await this.database.rows<{ id: string }>(
      `INSERT INTO scan_report (artifact_id, project_id, kind, registration_id, scanner, media_type, requested_by,
                                status, is_good, repository_id, digest)
       SELECT id, project_id, 'vulnerability', $2, '{}', '', 'test', $3, $4, repository_id, digest FROM artifact WHERE digest = $1 RETURNING id`,
      [digest, scannerId, status, isGood],
    );
    return row?.id ?? '';
  }
}
