import type { Transaction } from '@breakwater/database';
import type { RepositoryName } from '@breakwater/oci';
import type { ArtifactRemoval, RemovedArtifact } from '../artifacts/artifact-removal.js';
import { condemnUnowned } from '../collection/condemn.js';
import { ZOMBIE_SECONDS } from '../uploads/upload-claim.js';

/** Takes whole repositories away. Their artifacts move to the trash; what uploads stored, at once. */
export class RepositoryRemoval {
  constructor(private readonly artifacts: ArtifactRemoval) {}

  /**
   * @param repository  locked by the caller, FOR UPDATE: pushes and uploads wait, and then find it gone.
   * @returns the artifacts it had.
   */
  async remove(
    tx: Transaction,
    repository: { readonly id: string; readonly name: RepositoryName },
    deletedBy: string,
  ): Promise<readonly RemovedArtifact[]> {
    const rows = await tx.rows<{ id: string }>('SELECT id FROM artifact WHERE repository_id = $1 ORDER BY id', [
      repository.id,
    ]);
    const ids = rows.map((row) => row.id);
    const removed = ids.length === 0 ? [] : await this.artifacts.remove(tx, repository, ids, deletedBy);
    await dropRepositories(tx, [repository.id]);
    return removed;
  }

  /**
   * The repositories of a project that never got a manifest. The caller holds the project, FOR UPDATE.
   *
   * @returns how many others there are; then none was removed.
   */
  async removeUnlisted(tx: Transaction, projectId: number): Promise<number> {
    const rows = await tx.rows<{ id: string; is_listed: boolean }>(
      `SELECT id, listed_at IS NOT NULL AS is_listed FROM repository WHERE project_id = $1 ORDER BY id FOR UPDATE`,
      [projectId],
    );
    const listed = rows.filter((row) => row.is_listed).length;
    if (listed > 0) return listed;
    await dropRepositories(
      tx,
      rows.map((row) => row.id),
    );
    return 0;
  }
}

async function dropRepositories(tx: Transaction, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await discardUploads(tx, ids);
  await dropLinks(tx, ids);
  await tx.execute('DELETE FROM repository WHERE id = ANY ($1::bigint[])', [ids]);
}

/**
 * Race: a request that writes to an upload right now. Its row is gone when it wants to record what it wrote, so that
 * counts for nothing; its object stays until it has long noticed.
 */
async function discardUploads(tx: Transaction, repositoryIds: readonly string[]): Promise<void> {
  await tx.execute(
    `WITH ended AS (
       DELETE FROM upload WHERE repository_id = ANY ($1::bigint[])
       RETURNING object_key, write_state, received_bytes, writer
     )
     INSERT INTO trash (object_key, write_state, size_bytes, reason, delete_after)
     SELECT object_key, write_state, received_bytes, 'cancelled',
            now() + CASE WHEN writer IS NULL THEN interval '0' ELSE make_interval(secs => $2) END
     FROM ended`,
    [repositoryIds, ZOMBIE_SECONDS],
  );
}

/** Blob rows before their links, as everyone who may leave a blob without any locks them. */
async function dropLinks(tx: Transaction, repositoryIds: readonly string[]): Promise<void> {
  await tx.rows(
    `SELECT id FROM blob
     WHERE id IN (SELECT blob_id FROM repository_blob WHERE repository_id = ANY ($1::bigint[]))
     ORDER BY id FOR NO KEY UPDATE`,
    [repositoryIds],
  );
  const gone = await tx.rows<{ blob_id: string }>(
    'DELETE FROM repository_blob WHERE repository_id = ANY ($1::bigint[]) RETURNING blob_id',
    [repositoryIds],
  );
  await condemnUnowned(tx, [...new Set(gone.map((row) => row.blob_id))]);
}
