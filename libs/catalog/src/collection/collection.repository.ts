import type { Database, Transaction } from '@breakwater/database';
import { condemnUnowned } from './condemn.js';

/** An object in the trash that this worker has taken for `CLAIM_SECONDS`. */
export interface TrashedObject {
  readonly objectKey: string;
  /** The storage driver's notes on an unfinished upload; null for a whole object. */
  readonly writeState: object | null;
  readonly sizeBytes: number;
  readonly attempts: number;
}

/** A worker that dies with objects in its hands gives them back after this time. */
const CLAIM_SECONDS = 30;

/**
 * The collector's SQL. Each method is one small transaction over at most `limit` rows that other workers have
 * not locked, so that any number of workers and any number of pushes go on beside it. Each can be repeated.
 */
export class CollectionRepository {
  constructor(private readonly database: Database) {}

  /** Moves uploads that nobody has written to for their whole life into the trash, with what they stored. */
  expireUploads(limit: number): Promise<number> {
    return this.run((tx) =>
      tx.execute(
        `WITH expired AS (
           DELETE FROM upload WHERE id IN (
             SELECT id FROM upload
             WHERE expires_at < now() AND (writer IS NULL OR writer_until < now())
             ORDER BY expires_at LIMIT $1 FOR UPDATE SKIP LOCKED)
           RETURNING object_key, write_state, received_bytes)
         INSERT INTO trash (object_key, write_state, size_bytes, reason)
         SELECT object_key, write_state, received_bytes, 'expired' FROM expired`,
        [limit],
      ),
    );
  }

  /** Forgets deleted artifacts whose time in the trash is over; what only they kept is condemned. */
  purgeDeletedArtifacts(limit: number): Promise<number> {
    return this.run(async (tx) => {
      const due = await tx.rows<{ id: string }>(
        `SELECT id FROM deleted_artifact WHERE purge_after < now()
         ORDER BY purge_after LIMIT $1 FOR UPDATE SKIP LOCKED`,
        [limit],
      );
      const ids = due.map((row) => row.id);
      const kept = await tx.rows<{ blob_id: string }>(
        'SELECT DISTINCT blob_id FROM deleted_artifact_blob WHERE deleted_artifact_id = ANY($1::bigint[])',
        [ids],
      );
      await tx.execute('DELETE FROM deleted_artifact WHERE id = ANY($1::bigint[])', [ids]);
      await condemnUnowned(
        tx,
        kept.map((row) => row.blob_id),
      );
      return ids.length;
    });
  }

  /**
   * Takes away links whose lease has run out and that no manifest needs; condemns what is left without any.
   *
   * Races closed here: a HEAD, commit or mount that extends the lease, and a manifest that comes to need the
   * link, either lock the link first (then the second statement sees their lease and leaves it) or come after
   * our commit and find no link (they then answer "unknown", and the client uploads again).
   */
  expireLinks(limit: number): Promise<number> {
    return this.run(async (tx) => {
      const candidates = await tx.rows<{ repository_id: string; blob_id: string }>(
        `SELECT l.repository_id, l.blob_id
         FROM repository_blob l JOIN blob b ON b.id = l.blob_id
         WHERE l.lease_until < now()
           AND NOT EXISTS (SELECT 1 FROM artifact_reference r
                           WHERE r.repository_id = l.repository_id AND r.blob_id = l.blob_id)
         ORDER BY l.lease_until LIMIT $1 FOR NO KEY UPDATE OF b SKIP LOCKED`,
        [limit],
      );
      const gone = await tx.rows<{ blob_id: string }>(
        `DELETE FROM repository_blob l
         USING unnest($1::bigint[], $2::bigint[]) AS c(repository_id, blob_id)
         WHERE l.repository_id = c.repository_id AND l.blob_id = c.blob_id AND l.lease_until < now()
           AND NOT EXISTS (SELECT 1 FROM artifact_reference r
                           WHERE r.repository_id = l.repository_id AND r.blob_id = l.blob_id)
         RETURNING l.blob_id`,
        [candidates.map((row) => row.repository_id), candidates.map((row) => row.blob_id)],
      );
      await condemnUnowned(tx, [...new Set(gone.map((row) => row.blob_id))]);
      return candidates.length;
    });
  }

  /**
   * Forgets blobs condemned for longer than `graceSeconds`; their objects go to the trash in the same
   * transaction, so every object has an owner at every moment.
   *
   * Race closed here: a commit or mount of the same digest updates the blob row (condemned_at becomes null)
   * before it links it. It holds the row, and SKIP LOCKED passes by; or it has committed, and the condition is
   * looked at again under our lock; or it waits for us, finds no row, and stores its own object anew.
   */
  async collectCondemned(graceSeconds: number, limit: number): Promise<{ count: number; sizeBytes: number }> {
    return this.run(async (tx) => {
      const rows = await tx.rows<{ size_bytes: string }>(
        `WITH gone AS (
           DELETE FROM blob WHERE id IN (
             SELECT b.id FROM blob b
             WHERE b.condemned_at < clock_timestamp() - make_interval(secs => $1)
               AND NOT EXISTS (SELECT 1 FROM repository_blob l WHERE l.blob_id = b.id)
               AND NOT EXISTS (SELECT 1 FROM deleted_artifact_blob d WHERE d.blob_id = b.id)
             ORDER BY b.condemned_at LIMIT $2 FOR UPDATE SKIP LOCKED)
           RETURNING object_key, size_bytes)
         INSERT INTO trash (object_key, size_bytes, reason)
         SELECT object_key, size_bytes, 'collected' FROM gone RETURNING size_bytes`,
        [graceSeconds, limit],
      );
      return { count: rows.length, sizeBytes: rows.reduce((sum, row) => sum + Number(row.size_bytes), 0) };
    });
  }

  /** Forgets repositories that never got a manifest and hold nothing any more. */
  forgetUnlistedRepositories(limit: number): Promise<number> {
    return this.run((tx) =>
      tx.execute(
        `DELETE FROM repository WHERE id IN (
           SELECT r.id FROM repository r
           WHERE r.listed_at IS NULL
             AND NOT EXISTS (SELECT 1 FROM upload u WHERE u.repository_id = r.id)
             AND NOT EXISTS (SELECT 1 FROM repository_blob l WHERE l.repository_id = r.id)
             AND NOT EXISTS (SELECT 1 FROM artifact a WHERE a.repository_id = r.id)
           ORDER BY r.id LIMIT $1 FOR UPDATE SKIP LOCKED)`,
        [limit],
      ),
    );
  }

  /** Takes objects that are due. Nobody else gets them until the claim runs out. */
  claimTrash(limit: number): Promise<TrashedObject[]> {
    return this.run(async (tx) => {
      const rows = await tx.rows<{
        object_key: string;
        write_state: object | null;
        size_bytes: string;
        attempts: number;
      }>(
        `UPDATE trash SET delete_after = clock_timestamp() + make_interval(secs => $2), attempts = attempts + 1
         WHERE object_key IN (
           SELECT object_key FROM trash WHERE delete_after <= clock_timestamp()
           ORDER BY delete_after LIMIT $1 FOR UPDATE SKIP LOCKED)
         RETURNING object_key, write_state, size_bytes, attempts`,
        [limit, CLAIM_SECONDS],
      );
      return rows.map((row) => ({
        objectKey: row.object_key,
        writeState: row.write_state,
        sizeBytes: Number(row.size_bytes),
        attempts: row.attempts,
      }));
    });
  }

  /** The object is gone: now its row may go. */
  forgetTrash(objectKeys: readonly string[]): Promise<number> {
    return this.run((tx) => tx.execute('DELETE FROM trash WHERE object_key = ANY($1::text[])', [objectKeys]));
  }

  /** The storage refused: the row stays and is tried again later. */
  postponeTrash(objectKey: string, afterSeconds: number, reason: string): Promise<number> {
    return this.run((tx) =>
      tx.execute(
        `UPDATE trash SET delete_after = clock_timestamp() + make_interval(secs => $2), last_error = $3
         WHERE object_key = $1`,
        [objectKey, afterSeconds, reason],
      ),
    );
  }

  private run<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    return this.database.unitOfWork.run(work);
  }
}
