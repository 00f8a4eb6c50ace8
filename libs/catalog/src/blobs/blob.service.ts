import { BatchedLookup, type Database, ForeignKeyViolationError } from '@breakwater/database';
import type { Digest, RepositoryName } from '@breakwater/oci';
import { condemnUnowned } from '../collection/condemn.js';
import type { BlobLeases } from './blob-leases.js';
import { BlobReferencedError, BlobUnknownError } from './blob.errors.js';
import type { LostBlobs } from './lost-blobs.js';
import type { StoredBlob } from './stored-blob.js';

/** Blobs as the readers of a repository see them: by its links, never by what the storage holds. */
export class BlobService {
  private readonly lookup: BatchedLookup<Question, LinkedBlob | null>;

  constructor(
    private readonly database: Database,
    private readonly leases: BlobLeases,
    private readonly lost: LostBlobs,
  ) {
    this.lookup = new BatchedLookup({ find: (questions) => this.findAll(questions), maxBatch: 256, concurrency: 4 });
  }

  /**
   * For HEAD and GET. Finding a blob is a promise: it stays for a quarter of a lease at least, so that a client may skip its
   * upload and push the manifest.
   */
  async find(repository: RepositoryName, digest: Digest): Promise<StoredBlob | null> {
    const found = await this.lookup.get({ repository, digest });
    if (found === null) return null;
    const { blob, link, leaseSeconds } = found;
    const due = leaseSeconds === null ? 'nothing' : this.leases.dueFor(leaseSeconds);
    // Race: HEAD and collection. The lease may have run out, and the collector may be at this very row. Only a
    // durable renewal proves that the link outlives our answer; without one the client is told to upload.
    if (due === 'now') return (await this.leases.renew(link)) ? blob : null;
    if (due === 'soon') this.leases.renewSoon(link);
    return blob;
  }

  /**
   * For a reader: whether the object was there. Costs nothing where it was and nobody had doubted it. Never throws,
   * since the reader has an answer to give.
   */
  async noteRead(blob: StoredBlob, isThere: boolean): Promise<void> {
    if (isThere === !blob.isLost) return;
    await (isThere ? this.lost.unmark(blob) : this.lost.mark(blob)).catch(() => undefined);
  }

  /**
   * Takes the blob out of the repository; other repositories keep it.
   *
   * @throws BlobUnknownError
   * @throws BlobReferencedError
   */
  async delete(repository: RepositoryName, digest: Digest): Promise<void> {
    await this.database.unitOfWork.run(async (tx) => {
      const [link] = await tx.rows<{ repository_id: string; blob_id: string }>(
        `SELECT r.id AS repository_id, b.id AS blob_id FROM repository r, blob b
         WHERE r.name = $1 AND b.digest = $2 FOR NO KEY UPDATE OF b`,
        [repository, digest],
      );
      if (link === undefined) throw new BlobUnknownError(repository, digest);
      const dropped = await tx
        .execute('DELETE FROM repository_blob WHERE repository_id = $1 AND blob_id = $2', [
          link.repository_id,
          link.blob_id,
        ])
        .catch((error: unknown) => {
          // Race: delete and manifest PUT. Whoever locks the link first wins: we waited for the PUT and its references
          // refuse us (RESTRICT), or the PUT waits for us and then misses the blob.
          throw error instanceof ForeignKeyViolationError ? new BlobReferencedError(repository, digest) : error;
        });
      if (dropped === 0) throw new BlobUnknownError(repository, digest);
      await condemnUnowned(tx, [link.blob_id]);
    });
  }

  private async findAll(questions: readonly Question[]): Promise<(LinkedBlob | null)[]> {
    const rows = await this.database.rows<BlobRow>(FIND_BLOBS, [
      questions.map((question) => question.repository),
      questions.map((question) => question.digest),
      questions.length,
    ]);
    const answers: (LinkedBlob | null)[] = questions.map(() => null);
    for (const row of rows) answers[Number(row.position) - 1] = linkedBlobOf(row);
    return answers;
  }
}

/**
 * OFFSET 0 keeps the link last, looked up by both its keys: a popular layer has a link in every repository.
 *
 * LIMIT cuts nothing off. Without it PostgreSQL reckons with ten questions where it does not know them, finds the plan
 * for any question dear and plans anew at every look-up, which costs more than the look-up.
 */
const FIND_BLOBS = {
  name: 'catalog.find-blobs',
  text: `
    SELECT wanted.position, r.id AS repository_id, b.id AS blob_id, b.digest, b.size_bytes, b.object_key,
           b.lost_at IS NOT NULL AS is_lost, extract(epoch FROM l.lease_until - now())::float8 AS lease_seconds
    FROM (
      SELECT * FROM unnest($1::text[], $2::text[]) WITH ORDINALITY LIMIT $3
    ) AS wanted (repository, digest, position)
    JOIN repository r ON r.name = wanted.repository
    JOIN blob b ON b.digest = wanted.digest
    CROSS JOIN LATERAL (
      SELECT link.lease_until FROM repository_blob link WHERE link.repository_id = r.id AND link.blob_id = b.id OFFSET 0
    ) l`,
};

function linkedBlobOf(row: BlobRow): LinkedBlob {
  return {
    blob: { digest: row.digest, sizeBytes: Number(row.size_bytes), objectKey: row.object_key, isLost: row.is_lost },
    link: { repositoryId: row.repository_id, blobId: row.blob_id },
    leaseSeconds: row.lease_seconds,
  };
}

interface Question {
  readonly repository: RepositoryName;
  readonly digest: Digest;
}

interface LinkedBlob {
  readonly blob: StoredBlob;
  readonly link: { readonly repositoryId: string; readonly blobId: string };
  /** What is left of the lease; null while a manifest needs the blob. */
  readonly leaseSeconds: number | null;
}

interface BlobRow {
  /** 1-based place in the question. */
  readonly position: string;
  readonly repository_id: string;
  readonly blob_id: string;
  readonly digest: Digest;
  readonly size_bytes: string;
  readonly object_key: string;
  readonly is_lost: boolean;
  readonly lease_seconds: number | null;
}
