import type { Database } from '@breakwater/database';

/**
 * 1,000 projects, every tenth public; 6,000 repositories; 100,000 artifacts with a tag and a layer, of which every
 * tenth is an index that holds the one before it and every hundredth an accessory. `large/app`, of project 1, has
 * 20,000 of them; project 2 has 1,000 repositories.
 */
export async function seedLargeCatalog(database: Database): Promise<void> {
  await database.unitOfWork.run(async (tx) => {
    for (const statement of SEED) await tx.execute(statement);
  });
  // Statistics and the visibility map, as autovacuum keeps them.
  await database.rows(
    'VACUUM (ANALYZE) project, project_metadata, repository, artifact, artifact_reference, tag, blob',
  );
}

/** Artifacts of `large/app` that its list shows. */
export const LISTED_IN_LARGE = 17_800;

const SEED = [
  `INSERT INTO project (name, owner_id, is_public)
   SELECT CASE n WHEN 1 THEN 'large' ELSE 'project-' || lpad(n::text, 4, '0') END, 1, n % 10 = 0
   FROM generate_series(1, 1000) n`,
  `INSERT INTO project_metadata SELECT id, 'auto_scan', 'true' FROM project`,
  `INSERT INTO repository (project_id, name, listed_at, created_at)
   SELECT p.id, p.name || '/' || CASE WHEN p.id = 1 AND n = 1 THEN 'app' ELSE 'r' || n END, now(),
          now() - (p.id * 10 + n) * interval '1 minute'
   FROM project p, generate_series(1, 1000) n WHERE n <= CASE p.id WHEN 2 THEN 1000 ELSE 5 END`,
  `INSERT INTO artifact (project_id, repository_id, digest, type, media_type, manifest_media_type,
                         manifest_size_bytes, size_bytes, subject_digest, subject_origin, accessory_type,
                         parent_count, tag_count, pushed_at)
   SELECT r.project_id, r.id, 'sha256:' || lpad(to_hex(n), 64, '0'), CASE n % 50 WHEN 7 THEN 'CHART' ELSE 'IMAGE' END,
          CASE n % 50 WHEN 7 THEN 'chart' ELSE 'image' END,
          CASE n % 10 WHEN 0 THEN 'application/vnd.oci.image.index.v1+json' ELSE 'application/vnd.oci.image.manifest.v1+json' END,
          100, 1000 + n,
          CASE n % 100 WHEN 3 THEN 'sha256:' || lpad(to_hex(n - 1), 64, '0') END,
          CASE n % 100 WHEN 3 THEN 'manifest' END, CASE n % 100 WHEN 3 THEN 'signature.cosign' END,
          CASE n % 10 WHEN 9 THEN 1 ELSE 0 END, CASE n % 10 WHEN 9 THEN 0 ELSE 1 END, now() - n * interval '1 second'
   FROM generate_series(1, 100000) n
   JOIN LATERAL (SELECT CASE WHEN n <= 20000 THEN 1 ELSE 2 + (n / 10) % 5900 END AS id) wanted ON true
   JOIN repository r ON r.id = wanted.id`,
  `INSERT INTO artifact_manifest SELECT id, '\\x7b7d' FROM artifact`,
  `INSERT INTO tag (repository_id, artifact_id, name, pushed_at)
   SELECT repository_id, id, 't' || id, pushed_at FROM artifact WHERE tag_count > 0`,
  `INSERT INTO blob (digest, size_bytes, object_key)
   SELECT 'sha256:' || lpad(to_hex(n), 64, '0'), 1000, 'blobs/' || n FROM generate_series(1, 10000) n`,
  `INSERT INTO repository_blob (repository_id, blob_id)
   SELECT DISTINCT a.repository_id, 1 + a.id % 10000 FROM artifact a`,
  `INSERT INTO artifact_reference (artifact_id, position, repository_id, role, digest, media_type, size_bytes, blob_id)
   SELECT a.id, 0, a.repository_id, 'layer', b.digest, 'layer', 1000, b.id
   FROM artifact a JOIN blob b ON b.id = 1 + a.id % 10000 WHERE a.id % 10 <> 0`,
  `INSERT INTO artifact_reference (artifact_id, position, repository_id, role, digest, media_type, size_bytes, child_id)
   SELECT a.id, 0, a.repository_id, 'child', c.digest, 'manifest', 1000, c.id
   FROM artifact a JOIN artifact c ON c.id = a.id - 1 AND c.repository_id = a.repository_id WHERE a.id % 10 = 0`,
] as const;
