import type { Database } from '@breakwater/database';

/**
 * A registry whose every image was scanned: 20 projects, 100 repositories, `artifacts` images with one report each,
 * 40 findings a report out of `artifacts / 2` that the scanner (registration 1) has told. Finding 1, CVE-2026-00001 in
 * openssl with the highest score, is in every image. `big/app`, of project 1, has half of the images.
 */
export async function seedLargeHub(database: Database, artifacts: number): Promise<void> {
  await database.unitOfWork.run(async (tx) => {
    for (const statement of seedStatements(artifacts)) await tx.execute(statement);
  });
  // Statistics and the visibility map, as autovacuum keeps them.
  await database.rows(
    `VACUUM (ANALYZE) project, repository, artifact, artifact_reference, tag, scan_report, vulnerability, report_vulnerability`,
  );
}

export const FINDINGS_PER_REPORT = 40;

function seedStatements(artifacts: number): readonly string[] {
  const findings = artifacts / 2;
  return [
    `INSERT INTO scanner_registration (name, url, is_default) VALUES ('lens', 'http://lens.test', true)`,
    `INSERT INTO project (name, owner_id) SELECT CASE n WHEN 1 THEN 'big' ELSE 'p' || n END, 1 FROM generate_series(1, 20) n`,
    `INSERT INTO repository (project_id, name, listed_at)
     SELECT p.id, p.name || '/' || CASE WHEN p.id = 1 AND n = 1 THEN 'app' ELSE 'r' || n END, now()
     FROM project p, generate_series(1, 5) n ORDER BY p.id, n`,
    `INSERT INTO artifact (project_id, repository_id, digest, type, media_type, manifest_media_type, manifest_size_bytes,
                           size_bytes, tag_count)
     SELECT r.project_id, r.id, 'sha256:' || lpad(to_hex(n), 64, '0'), 'IMAGE', '', 'manifest', 100, 1000, 1
     FROM generate_series(1, ${artifacts}) n
     JOIN repository r ON r.id = CASE WHEN n % 2 = 0 THEN 1 ELSE 2 + (n / 2) % 99 END ORDER BY n`,
    `INSERT INTO tag (repository_id, artifact_id, name) SELECT repository_id, id, 't' || id FROM artifact`,
    `INSERT INTO vulnerability (fingerprint, registration_id, cve_id, package, version, fix_version, severity,
                                severity_rank, status, cvss_v3_score, detail)
     SELECT gen_random_uuid(), 1, 'CVE-2026-' || lpad(n::text, 5, '0'),
            CASE WHEN n = 1 THEN 'openssl' ELSE 'package' || n % 500 END, '1.' || n, CASE n % 3 WHEN 0 THEN '2' ELSE '' END,
            (ARRAY['Critical', 'High', 'Medium', 'Low', 'Low', 'Negligible'])[1 + (n - 1) % 6], 0, 'fixed',
            CASE n WHEN 1 THEN 10 ELSE (9990 - n % 9900)::float8 / 1000 END, '{"description": "text", "links": ["l"]}'
     FROM generate_series(1, ${findings}) n`,
    `INSERT INTO scan_report (artifact_id, project_id, repository_id, digest, kind, registration_id, scanner, media_type,
                              requested_by, status, is_good, critical_count, high_count, total_count, fixable_count,
                              row_count)
     SELECT id, project_id, repository_id, digest, 'vulnerability', 1, '{"name": "Lens", "vendor": "Acme", "version": "1"}',
            '', 'seed', 'Success', true, 1 + id % 7, ${FINDINGS_PER_REPORT} - 1 - id % 7, ${FINDINGS_PER_REPORT},
            ${FINDINGS_PER_REPORT} / 3, ${FINDINGS_PER_REPORT}
     FROM artifact ORDER BY id`,
    `INSERT INTO report_vulnerability
     SELECT r.id, CASE k WHEN 0 THEN 1 ELSE 2 + (r.id * 37 + k * 101) % (${findings} - 1) END
     FROM scan_report r, generate_series(0, ${FINDINGS_PER_REPORT} - 1) k ON CONFLICT DO NOTHING`,
  ];
}
