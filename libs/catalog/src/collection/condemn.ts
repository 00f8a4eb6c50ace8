import type { Transaction } from '@breakwater/database';

/**
 * Condemns those of the given blobs that no repository links and no deleted artifact keeps.
 * Call it in the transaction that took a link or a deleted artifact away.
 *
 * Lock order of the house: blob rows before their links. The caller holds the rows already, or takes them here;
 * either way the look at the links comes in a later statement than the lock, so it sees what the transaction
 * that held the row before has done. Two removers of a blob's last two links therefore cannot both overlook
 * that nothing is left (each would wait for the other's commit here).
 */
export async function condemnUnowned(tx: Transaction, blobIds: readonly string[]): Promise<number> {
  if (blobIds.length === 0) return 0;
  await tx.rows('SELECT 1 FROM blob WHERE id = ANY($1::bigint[]) ORDER BY id FOR NO KEY UPDATE', [blobIds]);
  return tx.execute(
    `UPDATE blob b SET condemned_at = clock_timestamp()
     WHERE b.id = ANY($1::bigint[]) AND b.condemned_at IS NULL
       AND NOT EXISTS (SELECT 1 FROM repository_blob l WHERE l.blob_id = b.id)
       AND NOT EXISTS (SELECT 1 FROM deleted_artifact_blob d WHERE d.blob_id = b.id)`,
    [blobIds],
  );
}
