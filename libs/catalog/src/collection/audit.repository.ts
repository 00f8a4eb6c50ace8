import type { Database } from '@breakwater/database';
import { MANIFEST_TYPES } from '../blobs/blob-attachment.js';

/** A stored blob, as the database knows it. */
export interface AuditedBlob {
  readonly id: string;
  readonly digest: string;
  readonly sizeBytes: number;
  readonly objectKey: string;
}

/** Rows whose bookkeeping contradicts itself. Each must be zero; anything else is a defect of ours. */
export interface AuditedBookkeeping {
  /** A link lives without a lease although no manifest of its repository needs the blob: it would never be collected. */
  readonly linksHeldByNothing: number;
  /** A manifest needs the blob, and its link has a lease that could run out. */
  readonly neededLinksOnLease: number;
  /** A manifest says content is missing that its repository has. */
  readonly referencesNotFilled: number;
  /** artifact.tag_count or artifact.parent_count differs from what is counted. */
  readonly wrongCounts: number;
  /** A blob nobody links or keeps, and that is not condemned: it would never be collected. */
  readonly blobsOwnedByNothing: number;
  /** A blob that is linked or kept, and condemned all the same. */
  readonly condemnedYetOwned: number;
}

export interface AuditedTotals {
  readonly blobs: number;
  readonly blobBytes: number;
  readonly condemned: number;
  readonly trash: number;
  readonly trashBytes: number;
  readonly deletedArtifacts: number;
  readonly uploads: number;
  readonly artifacts: number;
}

/** What the audit asks the database. Reads only. */
export class AuditRepository {
  constructor(private readonly database: Database) {}

  async totals(): Promise<AuditedTotals> {
    const [row] = await this.database.rows<Record<string, string>>(
      `SELECT (SELECT count(*) FROM blob) AS blobs,
              (SELECT coalesce(sum(size_bytes), 0) FROM blob) AS blob_bytes,
              (SELECT count(*) FROM blob WHERE condemned_at IS NOT NULL) AS condemned,
              (SELECT count(*) FROM trash) AS trash,
              (SELECT coalesce(sum(size_bytes), 0) FROM trash) AS trash_bytes,
              (SELECT count(*) FROM deleted_artifact) AS deleted_artifacts,
              (SELECT count(*) FROM upload) AS uploads,
              (SELECT count(*) FROM artifact) AS artifacts`,
    );
    const count = (name: string): number => Number(row?.[name] ?? 0);
    return {
      blobs: count('blobs'),
      blobBytes: count('blob_bytes'),
      condemned: count('condemned'),
      trash: count('trash'),
      trashBytes: count('trash_bytes'),
      deletedArtifacts: count('deleted_artifacts'),
      uploads: count('uploads'),
      artifacts: count('artifacts'),
    };
  }

  /** One statement, so one moment: whatever contradicts itself there was committed so. */
  async bookkeeping(): Promise<AuditedBookkeeping> {
    const [row] = await this.database.rows<Record<string, string>>(BOOKKEEPING, [MANIFEST_TYPES]);
    const count = (name: string): number => Number(row?.[name] ?? 0);
    return {
      linksHeldByNothing: count('held_by_nothing'),
      neededLinksOnLease: count('needed_on_lease'),
      referencesNotFilled: count('not_filled'),
      wrongCounts: count('wrong_counts'),
      blobsOwnedByNothing: count('owned_by_nothing'),
      condemnedYetOwned: count('condemned_yet_owned'),
    };
  }

  /** Blobs whose object key is in `(after, upTo]`, in order of key; `upTo` null reads to the end, `limit` at a time. */
  blobsBetween(after: string, upTo: string | null, limit: number): Promise<AuditedBlob[]> {
    return this.blobs('WHERE object_key > $1 AND ($2::text IS NULL OR object_key <= $2) ORDER BY object_key LIMIT $3', [
      after,
      upTo,
      limit,
    ]);
  }

  /** The same blob again, if it is still there and still stored under the same key. */
  async findAgain(blob: AuditedBlob): Promise<AuditedBlob | null> {
    return (await this.blobs('WHERE id = $1::bigint AND object_key = $2', [blob.id, blob.objectKey]))[0] ?? null;
  }

  /** Which of these object keys no row owns. */
  async unowned(objectKeys: readonly string[]): Promise<string[]> {
    const rows = await this.database.rows<{ key: string }>(
      `SELECT k.key FROM unnest($1::text[]) AS k(key)
       WHERE NOT EXISTS (SELECT 1 FROM blob WHERE object_key = k.key)
         AND NOT EXISTS (SELECT 1 FROM upload WHERE object_key = k.key)
         AND NOT EXISTS (SELECT 1 FROM trash WHERE object_key = k.key)`,
      [objectKeys],
    );
    return rows.map((row) => row.key);
  }

  /**
   * Which of these object keys belong to no unfinished write: to an upload, or to the trash, which discards what an
   * unfinished write has left with all that it left.
   */
  async notUnfinished(objectKeys: readonly string[]): Promise<string[]> {
    if (objectKeys.length === 0) return [];
    const rows = await this.database.rows<{ key: string }>(
      `SELECT k.key FROM unnest($1::text[]) AS k(key)
       WHERE NOT EXISTS (SELECT 1 FROM upload WHERE object_key = k.key)
         AND NOT EXISTS (SELECT 1 FROM trash WHERE object_key = k.key AND reason NOT IN ('collected', 'duplicate'))`,
      [objectKeys],
    );
    return rows.map((row) => row.key);
  }

  private async blobs(condition: string, parameters: (string | number | null)[]): Promise<AuditedBlob[]> {
    const rows = await this.database.rows<{ id: string; digest: string; size_bytes: string; object_key: string }>(
      `SELECT id, digest, size_bytes, object_key FROM blob ${condition}`,
      parameters,
    );
    return rows.map((row) => ({
      id: row.id,
      digest: row.digest,
      sizeBytes: Number(row.size_bytes),
      objectKey: row.object_key,
    }));
  }
}

/** $1 media types of manifests: a child that is one by its type waits for an artifact, any other for a blob as well. */
const BOOKKEEPING = `
  WITH link AS (
    SELECT l.lease_until IS NULL AS is_held,
           EXISTS (SELECT FROM artifact_reference r
                   WHERE r.repository_id = l.repository_id AND r.blob_id = l.blob_id) AS is_needed
    FROM repository_blob l
  ), owned AS (
    SELECT b.condemned_at IS NOT NULL AS is_condemned,
           EXISTS (SELECT FROM repository_blob l WHERE l.blob_id = b.id)
             OR EXISTS (SELECT FROM deleted_artifact_blob d WHERE d.blob_id = b.id) AS is_owned
    FROM blob b
  )
  SELECT (SELECT count(*) FROM link WHERE is_held AND NOT is_needed) AS held_by_nothing,
         (SELECT count(*) FROM link WHERE is_needed AND NOT is_held) AS needed_on_lease,
         (SELECT count(*) FROM artifact_reference r
          WHERE r.blob_id IS NULL AND r.child_id IS NULL
            AND (((r.role <> 'child' OR r.media_type <> ALL ($1::text[]))
                  AND EXISTS (SELECT FROM blob b JOIN repository_blob l ON l.blob_id = b.id
                              WHERE b.digest = r.digest AND l.repository_id = r.repository_id))
              OR (r.role = 'child'
                  AND EXISTS (SELECT FROM artifact a WHERE a.repository_id = r.repository_id AND a.digest = r.digest)))
         ) AS not_filled,
         (SELECT count(*) FROM artifact a
          WHERE a.tag_count <> (SELECT count(*) FROM tag t WHERE t.artifact_id = a.id)
             OR a.parent_count <> (SELECT count(DISTINCT r.artifact_id) FROM artifact_reference r
                                   WHERE r.child_id = a.id)) AS wrong_counts,
         (SELECT count(*) FROM owned WHERE NOT is_owned AND NOT is_condemned) AS owned_by_nothing,
         (SELECT count(*) FROM owned WHERE is_owned AND is_condemned) AS condemned_yet_owned`;
