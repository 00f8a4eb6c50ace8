import type { Database, PreparedStatement, Transaction } from '@breakwater/database';
import { type Digest, MediaType, type RepositoryName } from '@breakwater/oci';
import { lockingRepository } from '../repositories/repository-lock.js';
import type { CommittedBlob } from './stored-blob.js';

/** Whole, verified content under an object key of its own. */
export interface StoredContent extends CommittedBlob {
  readonly objectKey: string;
}

/**
 * Makes stored content a blob of the repository. If the digest is stored already, that object is used and ours goes
 * to the trash; if that one is marked as lost, the other way round. Manifests of the repository that waited for the content get it.
 *
 * The caller holds the repository (`attach`).
 */
export async function attachNewBlob(
  tx: Transaction,
  repositoryId: string,
  content: StoredContent,
  leaseSeconds: number,
): Promise<void> {
  // Race: two uploads of one digest. The second waits at the unique key for the first and then gets its row; a row
  // that the collector is dropping is waited for too, and made anew.
  // Race: commit and collection. The update takes the row and ends its condemnation in one step.
  const { digest, sizeBytes, objectKey } = content;
  const values = [repositoryId, digest, leaseSeconds, MANIFEST_TYPES, sizeBytes, objectKey];
  const [stored] = await tx.rows<{ is_lost: boolean }>(ATTACH_NEW, values);
  if (stored?.is_lost === true) await replaceLost(tx, content);
}

/** An upload whose writer we are. */
export interface EndingUpload {
  readonly repository: RepositoryName;
  readonly id: string;
  readonly writer: string;
}

/**
 * Ends an upload and makes what it stored a blob of its repository, all in one round trip: as most pushes end, with
 * content that nobody has brought before.
 *
 * @returns false when the digest is known or the claim is no longer ours. Then nothing was done, and a closer look is
 *   needed.
 */
export async function endWithNewBlob(
  database: Database,
  { repository, id, writer }: EndingUpload,
  content: StoredContent,
  leaseSeconds: number,
): Promise<boolean> {
  const { digest, sizeBytes, objectKey } = content;
  // The repository's lock is a statement of its own: what follows sees what was committed while we waited for it.
  const [, rows] = await database.unitOfWork.atOnce(lockingRepository(repository, 'attach'), [
    END_WITH_NEW_BLOB,
    [repository, digest, leaseSeconds, MANIFEST_TYPES, sizeBytes, objectKey, id, writer],
  ]);
  const [stored] = rows as { is_lost: boolean }[];
  if (stored?.is_lost === true) await takeBackForLost(database, content);
  return stored !== undefined;
}

async function takeBackForLost(database: Database, content: StoredContent): Promise<void> {
  await database.unitOfWork.run(async (tx) => {
    // Gone when the collector was faster: the blob stays marked, and is offered to nobody.
    if ((await tx.execute('DELETE FROM trash WHERE object_key = $1', [content.objectKey])) > 0)
      await replaceLost(tx, content);
  });
}

/** Apart from the statement that attaches: there it would take a lock that keeps all others from linking a blob. */
async function replaceLost(tx: Transaction, { digest, objectKey }: StoredContent): Promise<void> {
  await tx.execute(
    `WITH healed AS (
       UPDATE blob SET object_key = $2, lost_at = NULL WHERE digest = $1
       RETURNING old.object_key AS lost_key, size_bytes
     )
     INSERT INTO trash (object_key, size_bytes, reason) SELECT lost_key, size_bytes, 'duplicate' FROM healed`,
    [digest, objectKey],
  );
}

/**
 * Makes a blob that one of the source repositories holds a blob of this repository as well.
 *
 * The caller holds the repository (`attach`).
 *
 * @returns null when none of the sources holds it any more, or it is lost.
 */
export async function attachFrom(
  tx: Transaction,
  repositoryId: string,
  digest: Digest,
  sources: readonly RepositoryName[],
  leaseSeconds: number,
): Promise<CommittedBlob | null> {
  // Race: mount and sweep. Taking the blob's row waits for a collector that is at it: either the row is gone and the
  // client uploads, or it is ours, uncondemned, until our own link protects it.
  const [row] = await tx.rows<{ size_bytes: string }>(
    `WITH stored AS (
       UPDATE blob SET condemned_at = NULL
       WHERE digest = $2 AND lost_at IS NULL AND EXISTS (
         SELECT FROM repository_blob l
         WHERE l.blob_id = blob.id
           AND l.repository_id = ANY (ARRAY(SELECT id FROM repository WHERE name = ANY ($5::text[]))))
       RETURNING id, size_bytes
     ), ${LINK}
     SELECT size_bytes FROM stored`,
    [repositoryId, digest, leaseSeconds, MANIFEST_TYPES, sources],
  );
  return row === undefined ? null : { digest, sizeBytes: Number(row.size_bytes) };
}

/**
 * Makes all blobs that artifacts of another repository name blobs of this repository as well. Those artifacts keep
 * their blobs meanwhile: the caller holds their repository.
 *
 * The caller holds this repository (`change`), and gives the new links their manifests.
 */
export async function linkBlobsOf(
  tx: Transaction,
  repositoryId: string,
  artifactIds: readonly string[],
  leaseSeconds: number,
): Promise<void> {
  await tx.execute(
    `WITH wanted AS (
       SELECT DISTINCT b.id, b.digest FROM artifact_reference r JOIN blob b ON b.id = r.blob_id
       WHERE r.artifact_id = ANY ($2::bigint[])
     ), filled AS (
       UPDATE artifact_reference r SET blob_id = wanted.id FROM wanted
       WHERE r.repository_id = $1 AND r.digest = wanted.digest AND r.blob_id IS NULL AND r.child_id IS NULL
         AND (r.role <> 'child' OR r.media_type <> ALL ($4::text[]))
       RETURNING r.blob_id
     )
     INSERT INTO repository_blob AS l (repository_id, blob_id, lease_until)
     SELECT $1, wanted.id,
            CASE WHEN EXISTS (SELECT FROM filled WHERE filled.blob_id = wanted.id) THEN NULL
                 ELSE now() + make_interval(secs => $3) END
     FROM wanted ORDER BY wanted.id
     ON CONFLICT (repository_id, blob_id) DO UPDATE
     SET lease_until = CASE WHEN l.lease_until IS NULL OR excluded.lease_until IS NULL THEN NULL
                            ELSE greatest(l.lease_until, excluded.lease_until) END`,
    [repositoryId, artifactIds, leaseSeconds, MANIFEST_TYPES],
  );
}

/**
 * $2 digest, $3 lease in seconds, $4 media types of manifests; `stored` has the blob's id.
 *
 * What waited for the digest is filled in the same statement that makes the link, and a link that is needed has no
 * lease. Children that are manifests by their type wait for an artifact, not for a blob.
 */
const linkIn = (repositoryId: string): string => `
  filled AS (
    UPDATE artifact_reference r SET blob_id = stored.id FROM stored
    WHERE r.repository_id = ${repositoryId} AND r.digest = $2 AND r.blob_id IS NULL AND r.child_id IS NULL
      AND (r.role <> 'child' OR r.media_type <> ALL ($4::text[]))
    RETURNING r.artifact_id
  ), linked AS (
    INSERT INTO repository_blob AS l (repository_id, blob_id, lease_until)
    SELECT ${repositoryId}, stored.id,
           CASE WHEN EXISTS (SELECT FROM filled) THEN NULL ELSE now() + make_interval(secs => $3) END
    FROM stored
    ON CONFLICT (repository_id, blob_id) DO UPDATE
    SET lease_until = CASE WHEN l.lease_until IS NULL OR excluded.lease_until IS NULL THEN NULL
                           ELSE greatest(l.lease_until, excluded.lease_until) END
    RETURNING l.blob_id
  )`;

const LINK = linkIn('$1');

const ATTACH_NEW: PreparedStatement = {
  name: 'catalog.attach-new-blob',
  text: `WITH stored AS (
           INSERT INTO blob (digest, size_bytes, object_key) VALUES ($2, $5, $6)
           ON CONFLICT (digest) DO UPDATE SET condemned_at = NULL
           RETURNING id, object_key, lost_at IS NOT NULL AS is_lost
         ), ${LINK}, duplicate AS (
           INSERT INTO trash (object_key, size_bytes, reason)
           SELECT $6, $5, 'duplicate' FROM stored WHERE object_key <> $6 AND NOT is_lost
         )
         SELECT is_lost FROM stored`,
};

/**
 * $1 repository's name, $5 size, $6 object key, $7 upload, $8 its writer.
 *
 * Race: a second upload of the digest commits between our snapshot and our insert. Ours is put aside then, even for one
 * that is lost already: the caller sees that, and takes it back.
 */
const END_WITH_NEW_BLOB: PreparedStatement = {
  name: 'catalog.end-upload-with-new-blob',
  text: `WITH gone AS (
           DELETE FROM upload
           WHERE id = $7 AND writer = $8 AND repository_id = (SELECT id FROM repository WHERE name = $1)
             AND NOT EXISTS (SELECT FROM blob WHERE digest = $2)
           RETURNING repository_id
         ), stored AS (
           INSERT INTO blob (digest, size_bytes, object_key) SELECT $2, $5, $6 FROM gone
           ON CONFLICT (digest) DO UPDATE SET condemned_at = NULL
           RETURNING id, object_key, lost_at IS NOT NULL AS is_lost
         ), ${linkIn('(SELECT repository_id FROM gone)')}, duplicate AS (
           INSERT INTO trash (object_key, size_bytes, reason)
           SELECT $6, $5, 'duplicate' FROM stored WHERE object_key <> $6
         )
         SELECT is_lost FROM stored`,
};

/** What `isBlobChild` of libs/oci takes for manifests. */
export const MANIFEST_TYPES: readonly string[] = [
  MediaType.OciManifest,
  MediaType.OciIndex,
  MediaType.OciArtifactManifest,
  MediaType.DockerManifest,
  MediaType.DockerManifestList,
  MediaType.DockerSchema1,
  MediaType.DockerSchema1Signed,
];
