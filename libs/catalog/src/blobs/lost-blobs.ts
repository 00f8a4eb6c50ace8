import { BatchedLookup, type Database } from '@breakwater/database';
import type { Digest } from '@breakwater/oci';
import type { BlobStore } from '@breakwater/storage';
import type { StoredBlob } from './stored-blob.js';

/** Which bytes a row stands for: marks are made and taken back for this object, never for one that came after it. */
type BlobObject = Pick<StoredBlob, 'digest' | 'objectKey'>;

/**
 * Blobs whose object the storage has lost, by a mishap that is none of ours. A marked blob is not offered to clients
 * any more (HEAD and mounts), so that they upload it, and the next commit of its digest brings the row a new object.
 */
export class LostBlobs {
  private readonly lookup: BatchedLookup<Digest, StoredObject | null>;

  constructor(
    private readonly database: Database,
    private readonly store: BlobStore,
  ) {
    this.lookup = new BatchedLookup({ find: (digests) => this.findAll(digests), maxBatch: 256, concurrency: 2 });
  }

  /** Somebody who wanted to read it has found it missing, shorter than it was, or changed. */
  async mark({ digest, objectKey }: BlobObject): Promise<void> {
    await this.database.rows(
      'UPDATE blob SET lost_at = now() WHERE digest = $1 AND object_key = $2 AND lost_at IS NULL RETURNING id',
      [digest, objectKey],
    );
  }

  /** It is there again: a volume that was away has come back. */
  async unmark({ digest, objectKey }: BlobObject): Promise<void> {
    await this.database.rows('UPDATE blob SET lost_at = NULL WHERE digest = $1 AND object_key = $2 RETURNING id', [
      digest,
      objectKey,
    ]);
  }

  /**
   * Before content is committed that may be stored already: is it still there? One look-up of a row for each commit,
   * and one of an object where there is such a row.
   *
   * @throws StorageUnavailableError
   */
  async markIfLost(digest: Digest): Promise<void> {
    const stored = await this.lookup.get(digest);
    if (stored === null || stored.isMarked) return;
    const found = await this.store.stat(stored.objectKey);
    if (found?.sizeBytes !== stored.sizeBytes) await this.mark({ digest, objectKey: stored.objectKey });
  }

  private async findAll(digests: readonly Digest[]): Promise<(StoredObject | null)[]> {
    const rows = await this.database.rows<StoredObjectRow>(FIND_OBJECTS, [digests]);
    const byDigest = new Map(rows.map((row) => [row.digest, storedObjectOf(row)]));
    return digests.map((digest) => byDigest.get(digest) ?? null);
  }
}

interface StoredObject {
  readonly objectKey: string;
  readonly sizeBytes: number;
  readonly isMarked: boolean;
}

const FIND_OBJECTS = {
  name: 'catalog.find-objects',
  text: 'SELECT digest, object_key, size_bytes, lost_at IS NOT NULL AS is_marked FROM blob WHERE digest = ANY ($1::text[])',
};

interface StoredObjectRow {
  readonly digest: Digest;
  readonly object_key: string;
  readonly size_bytes: string;
  readonly is_marked: boolean;
}

function storedObjectOf(row: StoredObjectRow): StoredObject {
  return { objectKey: row.object_key, sizeBytes: Number(row.size_bytes), isMarked: row.is_marked };
}
