import type { Database } from '@breakwater/database';
import type { WriteState } from '@breakwater/storage';

/** An object in the trash that this worker has taken for `CLAIM_SECONDS`. */
export interface TrashedObject {
  readonly objectKey: string;
  /** The storage driver's notes on an unfinished write; null when it died before it could leave any. */
  readonly writeState: WriteState | null;
  /** Completed once, so that nothing but the object itself can be there: it was a blob, or would have been one. */
  readonly isWhole: boolean;
  readonly sizeBytes: number;
  /** This one included. */
  readonly attempts: number;
}

/** A worker that dies with objects in its hands gives them back after this time. */
const CLAIM_SECONDS = 60;

/** Objects on their way out. A row goes after its object, so whatever dies in between repeats the delete. */
export class TrashRepository {
  constructor(private readonly database: Database) {}

  /** Takes objects that are due. Nobody else gets them until the claim runs out. */
  async claim(limit: number): Promise<TrashedObject[]> {
    const rows = await this.database.rows<TrashRow>(
      `WITH due AS MATERIALIZED (
         SELECT object_key FROM trash WHERE delete_after <= now()
         ORDER BY delete_after LIMIT $1 FOR UPDATE SKIP LOCKED
       )
       UPDATE trash t SET delete_after = now() + make_interval(secs => $2), attempts = attempts + 1
       FROM due WHERE t.object_key = due.object_key
       RETURNING t.object_key, t.write_state, t.reason IN ('collected', 'duplicate') AS is_whole, t.size_bytes, t.attempts`,
      [limit, CLAIM_SECONDS],
    );
    return rows.map(trashedObjectOf);
  }

  /** The objects are gone: now their rows may go. */
  async forget(objectKeys: readonly string[]): Promise<void> {
    if (objectKeys.length === 0) return;
    await this.database.rows('DELETE FROM trash WHERE object_key = ANY ($1::text[])', [objectKeys]);
  }

  /** The storage refused: the row stays and is tried again later. */
  async postpone(objectKey: string, afterSeconds: number, reason: string): Promise<void> {
    await this.database.rows(
      `UPDATE trash SET delete_after = now() + make_interval(secs => $2), last_error = $3 WHERE object_key = $1`,
      [objectKey, afterSeconds, reason],
    );
  }
}

function trashedObjectOf(row: TrashRow): TrashedObject {
  return {
    objectKey: row.object_key,
    writeState: row.write_state,
    isWhole: row.is_whole,
    sizeBytes: Number(row.size_bytes),
    attempts: row.attempts,
  };
}

interface TrashRow {
  readonly object_key: string;
  readonly write_state: WriteState | null;
  readonly is_whole: boolean;
  readonly size_bytes: string;
  readonly attempts: number;
}
