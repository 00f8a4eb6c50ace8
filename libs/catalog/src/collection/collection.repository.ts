import type { Database, Transaction } from '@breakwater/database';
import { ZOMBIE_SECONDS } from '../uploads/upload-claim.js';
import { condemnUnowned } from './condemn.js';

/**
 * The collector's SQL on rows that need each other. Each method is one small transaction over at most `limit` rows,
 * and can be repeated. They take only rows that nobody else has locked, in a CTE, which runs once: a subquery with
 * LIMIT may be run again for each outer row.
 *
 * A row that was changed between our look and our lock is looked at again by PostgreSQL, with its new values. This
 * holds for the locked row only, not for what a subquery says of other tables: where that decides, the row is locked
 * first and the question asked in a later statement.
 */
export class CollectionRepository {
  constructor(private readonly database: Database) {}

  /**
   * Moves uploads that nobody has written to for their whole life into the trash, with what they stored.
   *
   * Where a writer never gave its claim back, it may be slow and not dead: the object goes when it must have noticed.
   */
  expireUploads(limit: number): Promise<number> {
    return this.run((tx) =>
      tx.execute(
        `WITH due AS MATERIALIZED (
           SELECT id FROM upload
           WHERE expires_at < now() AND (writer IS NULL OR writer_until < now())
           ORDER BY expires_at LIMIT $1 FOR UPDATE SKIP LOCKED
         ), expired AS (
           DELETE FROM upload u USING due WHERE u.id = due.id
           RETURNING u.object_key, u.write_state, u.received_bytes, u.writer
         )
         INSERT INTO trash (object_key, write_state, size_bytes, reason, delete_after)
         SELECT object_key, write_state, received_bytes, 'expired',
                now() + make_interval(secs => CASE WHEN writer IS NULL THEN 0 ELSE $2 END)
         FROM expired`,
        [limit, ZOMBIE_SECONDS],
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
      if (due.length === 0) return 0;
      const ids = due.map(idOf);
      const kept = await tx.rows<{ blob_id: string }>(
        'SELECT DISTINCT blob_id FROM deleted_artifact_blob WHERE deleted_artifact_id = ANY ($1::bigint[])',
        [ids],
      );
      await tx.execute('DELETE FROM deleted_artifact WHERE id = ANY ($1::bigint[])', [ids]);
      await condemnUnowned(tx, kept.map(blobIdOf));
      return ids.length;
    });
  }

  /**
   * Takes away links whose lease has run out and that no manifest needs; condemns what is left without any.
   *
   * Races closed here: a HEAD, commit or mount that extends the lease, and a manifest that comes to need the link. All
   * of them change the link's row. They have it, and we pass by; or they have had it, and the lease is looked at
   * again; or they come after us and find no link (they then answer "unknown", and the client uploads again).
   */
  expireLinks(limit: number): Promise<number> {
    return this.run(async (tx) => {
      const gone = await tx.rows<{ blob_id: string }>(
        `WITH due AS MATERIALIZED (
           SELECT l.repository_id, l.blob_id
           FROM repository_blob l JOIN blob b ON b.id = l.blob_id
           WHERE l.lease_until < now()
             AND NOT EXISTS (SELECT FROM artifact_reference r
                             WHERE r.repository_id = l.repository_id AND r.blob_id = l.blob_id ${PER_ROW})
           ORDER BY l.lease_until LIMIT $1 FOR NO KEY UPDATE OF b, l SKIP LOCKED
         )
         DELETE FROM repository_blob l USING due
         WHERE l.repository_id = due.repository_id AND l.blob_id = due.blob_id
         RETURNING l.blob_id`,
        [limit],
      );
      await condemnUnowned(tx, [...new Set(gone.map(blobIdOf))]);
      return gone.length;
    });
  }

  /**
   * Forgets blobs condemned for longer than `graceSeconds`; their objects go to the trash in the same transaction, so
   * every object has an owner at every moment.
   *
   * Race closed here: a commit or mount of the same digest updates the blob's row (condemned_at becomes null) before
   * it links it. It has the row, and we pass by; or it has had it, and the condition is looked at again; or it waits
   * for us, finds no row, and stores its own object anew.
   */
  collectCondemned(graceSeconds: number, limit: number): Promise<number> {
    return this.run((tx) =>
      tx.execute(
        `WITH due AS MATERIALIZED (
           SELECT b.id FROM blob b
           WHERE b.condemned_at < now() - make_interval(secs => $1)
             AND NOT EXISTS (SELECT FROM repository_blob l WHERE l.blob_id = b.id ${PER_ROW})
             AND NOT EXISTS (SELECT FROM deleted_artifact_blob d WHERE d.blob_id = b.id ${PER_ROW})
           ORDER BY b.condemned_at LIMIT $2 FOR UPDATE SKIP LOCKED
         ), gone AS (
           DELETE FROM blob b USING due WHERE b.id = due.id RETURNING b.object_key, b.size_bytes
         )
         INSERT INTO trash (object_key, size_bytes, reason)
         SELECT object_key, size_bytes, 'collected' FROM gone`,
        [graceSeconds, limit],
      ),
    );
  }

  /** Ids of repositories that never got a manifest, in order, from the first after `afterId`. */
  async findUnlistedRepositories(afterId: string, limit: number): Promise<string[]> {
    const rows = await this.database.rows<{ id: string }>(
      'SELECT id FROM repository WHERE listed_at IS NULL AND id > $1 ORDER BY id LIMIT $2',
      [afterId, limit],
    );
    return rows.map(idOf);
  }

  /**
   * Forgets those that never got a manifest and hold nothing any more.
   *
   * Race closed here: an upload that starts shares the repository's row and changes nothing in it, so PostgreSQL has
   * no reason to look again. We do, in a statement of its own, once nobody else can have the row.
   */
  async forgetUnusedRepositories(ids: readonly string[]): Promise<number> {
    if (ids.length === 0) return 0;
    return this.run(async (tx) => {
      const unused = await tx.rows<{ id: string }>(
        `SELECT id FROM repository WHERE id = ANY ($1::bigint[]) AND ${IS_UNUSED} ORDER BY id FOR UPDATE SKIP LOCKED`,
        [ids],
      );
      if (unused.length === 0) return 0;
      return tx.execute(`DELETE FROM repository WHERE id = ANY ($1::bigint[]) AND ${IS_UNUSED}`, [unused.map(idOf)]);
    });
  }

  private run<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    return this.database.unitOfWork.run(work);
  }
}

/**
 * Keeps a NOT EXISTS from becoming a join, which may read a whole table. So the index that gives what is due, in
 * order, is read only until the batch is full: a pass costs what it takes away, however much else is due.
 */
const PER_ROW = 'OFFSET 0';

const IS_UNUSED = `listed_at IS NULL
  AND NOT EXISTS (SELECT FROM upload u WHERE u.repository_id = repository.id ${PER_ROW})
  AND NOT EXISTS (SELECT FROM repository_blob l WHERE l.repository_id = repository.id ${PER_ROW})
  AND NOT EXISTS (SELECT FROM artifact a WHERE a.repository_id = repository.id ${PER_ROW})`;

function blobIdOf(row: { readonly blob_id: string }): string {
  return row.blob_id;
}

function idOf(row: { readonly id: string }): string {
  return row.id;
}
