import type { Database } from '@breakwater/database';
import { createHash } from 'node:crypto';

/** A finding as a test gives it. */
export interface GivenFinding {
  readonly cve: string;
  readonly severity?: string;
  readonly score?: number;
  readonly package?: string;
  readonly fix?: string;
  readonly detail?: object;
}

/** Artifacts that were scanned, as rows: without bytes, and without an adapter that was asked. */
export class ScannedArtifacts {
  private made = 0;

  constructor(private readonly database: Database) {}

  /** @returns its id. */
  addScanner(name: string, { isDefault = false } = {}): Promise<number> {
    return this.insert('INSERT INTO scanner_registration (name, url, is_default) VALUES ($1, $2, $3)', [
      ...[name, `http://${name}.test`, isDefault],
    ]);
  }

  /** @param repository  with its project, which is there. */
  async add(repository: string, tags: readonly string[] = []): Promise<{ id: number; digest: string }> {
    const repositoryId = await this.insert(
      `INSERT INTO repository (project_id, name, listed_at)
       SELECT id, $1, now() FROM project WHERE name = split_part($1, '/', 1)
       ON CONFLICT (name) DO UPDATE SET listed_at = now()`,
      [repository],
    );
    const digest = `sha256:${createHash('sha256').update(`${repository} ${++this.made}`).digest('hex')}`;
    const id = await this.insert(
      `INSERT INTO artifact (project_id, repository_id, digest, type, media_type, manifest_media_type,
                             manifest_size_bytes, size_bytes, tag_count)
       SELECT project_id, id, $2, 'IMAGE', '', 'manifest', 1, 1, $3 FROM repository WHERE id = $1`,
      [repositoryId, digest, tags.length],
    );
    for (const tag of tags)
      await this.insert('INSERT INTO tag (repository_id, artifact_id, name) VALUES ($1, $2, $3)', [
        ...[repositoryId, id, tag],
      ]);
    return { id, digest };
  }

  /** An index that holds the artifact. */
  async hold(index: { readonly id: number }, child: { readonly id: number }): Promise<void> {
    await this.database.rows(
      `INSERT INTO artifact_reference (artifact_id, position, repository_id, role, digest, media_type, size_bytes, child_id)
       SELECT $1, 0, repository_id, 'child', digest, 'manifest', 1, id FROM artifact WHERE id = $2`,
      [index.id, child.id],
    );
  }

  /** A good report of the scanner. */
  async report(artifact: { readonly id: number }, scannerId: number, found: readonly GivenFinding[]): Promise<void> {
    const countOf = (severity: string) => found.filter((each) => (each.severity ?? 'High') === severity).length;
    const reportId = await this.insert(
      `INSERT INTO scan_report (artifact_id, project_id, repository_id, digest, kind, registration_id, scanner, media_type,
                                requested_by, status, is_good, critical_count, high_count, low_count, negligible_count,
                                total_count, fixable_count, row_count)
       SELECT id, project_id, repository_id, digest, 'vulnerability', $2, '{"name": "Lens"}', '', 'test', 'Success',
              true, $3, $4, $5, $6, $7, $8, $7
       FROM artifact WHERE id = $1`,
      [
        ...[artifact.id, scannerId, ...['Critical', 'High', 'Low', 'Negligible'].map(countOf), found.length],
        found.filter(({ fix }) => fix !== undefined).length,
      ],
    );
    for (const { cve, severity = 'High', score = 7, package: name = 'openssl', fix = '', detail = {} } of found) {
      const findingId = await this.insert(
        `INSERT INTO vulnerability (fingerprint, registration_id, cve_id, package, version, fix_version, severity,
                                    severity_rank, status, cvss_v3_score, detail)
         VALUES (gen_random_uuid(), $1, $2, $3, '1.0', $4, $5, 0, 'affected', $6, $7)`,
        [scannerId, cve, name, fix, severity, score, JSON.stringify(detail)],
      );
      await this.database.rows('INSERT INTO report_vulnerability VALUES ($1, $2)', [reportId, findingId]);
    }
  }

  private async insert(sql: string, params: readonly (string | number | boolean)[]): Promise<number> {
    const [row] = await this.database.rows<{ id: string }>(`${sql} RETURNING id`, params);
    return Number(row?.id);
  }
}
