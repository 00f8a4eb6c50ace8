import type { Transaction } from '@breakwater/database';
import type { Digest, RepositoryName, Tag } from '@breakwater/oci';

/** An artifact that was moved to the trash. */
export interface RemovedArtifact {
  readonly digest: Digest;
  readonly mediaType: string;
  /** Tags that went with it, in byte order. */
  readonly tags: readonly Tag[];
}

export interface RemovalOptions {
  /** How long removed artifacts can be restored. */
  readonly trashSeconds: number;
  /** How long blobs stay that no manifest of the repository needs any more: for the next push to find. */
  readonly leaseSeconds: number;
}

/**
 * Takes artifacts out of a repository, with what exists only because of them.
 *
 * As Harbor does, accessories go with their subject (a signature of nothing is of no use, and nothing lists it), and
 * children of an index that nothing else names go with the index. Whole artifacts move to the trash, where restoring
 * finds them; their blobs stay until the trash is purged.
 *
 * Every method is called under the repository's lock `change`.
 */
export class ArtifactRemoval {
  constructor(private readonly options: RemovalOptions) {}

  /** Indexes that hold the artifact: while there are any, it stays. */
  async parentsOf(tx: Transaction, artifactId: string): Promise<Digest[]> {
    const rows = await tx.rows<{ digest: Digest }>(
      `SELECT DISTINCT parent.id, parent.digest FROM artifact_reference r JOIN artifact parent ON parent.id = r.artifact_id
       WHERE r.child_id = $1 ORDER BY parent.id LIMIT 10`,
      [artifactId],
    );
    return rows.map((row) => row.digest);
  }

  /**
   * @param artifactIds  none of them held by an index outside of the list.
   * @returns those and all that went with them.
   */
  async remove(
    tx: Transaction,
    repository: { readonly id: string; readonly name: RepositoryName },
    artifactIds: readonly string[],
    deletedBy: string,
  ): Promise<readonly RemovedArtifact[]> {
    const ids = await this.withDependents(tx, repository.id, artifactIds);
    const blobIds = await lockLinks(tx, repository.id, ids);
    const removed = await this.keepInTrash(tx, repository, ids, deletedBy);
    await deleteRows(tx, ids);
    await this.leaseUnneeded(tx, repository.id, blobIds);
    return removed;
  }

  private async withDependents(tx: Transaction, repositoryId: string, artifactIds: readonly string[]) {
    const all = new Set(artifactIds);
    for (;;) {
      const found = await tx.rows<{ id: string }>(FIND_DEPENDENTS, [repositoryId, [...all]]);
      if (found.length === 0) return [...all];
      for (const { id } of found) all.add(id);
    }
  }

  private async keepInTrash(
    tx: Transaction,
    repository: { readonly id: string; readonly name: RepositoryName },
    ids: readonly string[],
    deletedBy: string,
  ): Promise<RemovedArtifact[]> {
    const rows = await tx.rows<{ digest: Digest; manifest_media_type: string; tags: Tag[] }>(KEEP_IN_TRASH, [
      ids,
      repository.id,
      repository.name,
      deletedBy,
      this.options.trashSeconds,
    ]);
    return rows.map((row) => ({ digest: row.digest, mediaType: row.manifest_media_type, tags: row.tags }));
  }

  /** Quota and collection follow the links: those that nothing here needs any more live on by a lease. */
  private async leaseUnneeded(tx: Transaction, repositoryId: string, blobIds: readonly string[]): Promise<void> {
    if (blobIds.length === 0) return;
    await tx.execute(
      `UPDATE repository_blob l SET lease_until = now() + make_interval(secs => $3)
       WHERE l.repository_id = $1 AND l.blob_id = ANY ($2::bigint[])
         AND NOT EXISTS (SELECT FROM artifact_reference r
                         WHERE r.repository_id = l.repository_id AND r.blob_id = l.blob_id)`,
      [repositoryId, blobIds, this.options.leaseSeconds],
    );
  }
}

/**
 * $2 what goes. With it go its accessories, and children that nothing else names: no tag, no subject of their own, no
 * other index. Whatever an index holds that stays, stays.
 */
const FIND_DEPENDENTS = `
  WITH dependent AS (
    SELECT a.id FROM artifact gone
    JOIN artifact a ON a.repository_id = $1 AND a.subject_digest = gone.digest
    WHERE gone.id = ANY ($2::bigint[])
    UNION
    SELECT a.id FROM artifact_reference r
    JOIN artifact a ON a.id = r.child_id
    WHERE r.artifact_id = ANY ($2::bigint[]) AND a.tag_count = 0 AND a.subject_digest IS NULL
  )
  SELECT id FROM dependent
  WHERE id <> ALL ($2::bigint[])
    AND NOT EXISTS (SELECT FROM artifact_reference r
                    WHERE r.child_id = dependent.id AND r.artifact_id <> ALL ($2::bigint[]))`;

const KEEP_IN_TRASH = `
  WITH kept AS (
    INSERT INTO deleted_artifact (project_id, repository_name, digest, manifest_media_type, content, tags,
                                  pushed_at, deleted_by, purge_after)
    SELECT a.project_id, $3, a.digest, a.manifest_media_type, m.content,
           ARRAY(SELECT t.name FROM tag t WHERE t.artifact_id = a.id ORDER BY t.name),
           a.pushed_at, $4, now() + make_interval(secs => $5)
    FROM artifact a JOIN artifact_manifest m ON m.artifact_id = a.id
    WHERE a.id = ANY ($1::bigint[])
    ORDER BY a.id
    RETURNING id, digest, manifest_media_type, tags
  ), keeping AS (
    INSERT INTO deleted_artifact_blob (deleted_artifact_id, blob_id)
    SELECT DISTINCT kept.id, r.blob_id
    FROM kept
    JOIN artifact a ON a.repository_id = $2 AND a.digest = kept.digest
    JOIN artifact_reference r ON r.artifact_id = a.id
    WHERE r.blob_id IS NOT NULL
  )
  SELECT digest, manifest_media_type, tags FROM kept ORDER BY id`;

/** Race: delete and a push that needs the same blobs. Both lock the links in this order. */
async function lockLinks(tx: Transaction, repositoryId: string, artifactIds: readonly string[]): Promise<string[]> {
  const rows = await tx.rows<{ blob_id: string }>(
    `SELECT l.blob_id FROM repository_blob l
     WHERE l.repository_id = $1 AND l.blob_id IN (
       SELECT r.blob_id FROM artifact_reference r WHERE r.artifact_id = ANY ($2::bigint[]))
     ORDER BY l.blob_id FOR NO KEY UPDATE`,
    [repositoryId, artifactIds],
  );
  return rows.map((row) => row.blob_id);
}

async function deleteRows(tx: Transaction, ids: readonly string[]): Promise<void> {
  // References first: a parent and its child that go together must not refuse each other.
  await tx.execute(
    `WITH named AS (DELETE FROM artifact_reference WHERE artifact_id = ANY ($1::bigint[]) RETURNING artifact_id, child_id)
     UPDATE artifact child SET parent_count = parent_count - gone.parents
     FROM (SELECT child_id, count(DISTINCT artifact_id) AS parents FROM named GROUP BY child_id) gone
     WHERE child.id = gone.child_id`,
    [ids],
  );
  await tx.execute('DELETE FROM tag WHERE artifact_id = ANY ($1::bigint[])', [ids]);
  await tx.execute('DELETE FROM artifact WHERE id = ANY ($1::bigint[])', [ids]);
}
