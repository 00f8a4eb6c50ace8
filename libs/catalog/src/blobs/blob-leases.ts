import { BatchedLookup, type Database } from '@breakwater/database';

/** A row of `repository_blob`. */
export interface BlobLink {
  readonly repositoryId: string;
  readonly blobId: string;
}

/**
 * Keeps links alive that no manifest needs yet.
 *
 * A client that was told "the blob is here" skips its upload, so the link must outlast the push that goes on
 * (facts: HEAD 200, then collection, then the manifest's PUT).
 */
export class BlobLeases {
  private readonly renewals: BatchedLookup<BlobLink, boolean>;
  /** Renewals that nobody waits for, by link. */
  private readonly background = new Map<string, Promise<unknown>>();

  constructor(
    private readonly database: Database,
    private readonly leaseSeconds: number,
  ) {
    this.renewals = new BatchedLookup({ find: (links) => this.renewAll(links), maxBatch: 256, concurrency: 1 });
  }

  /**
   * What a link with so much left needs before the blob is promised to a client: nothing; a write that may come
   * later; a write that is durable first. The last long before the end, for the later write may be lost in a crash.
   */
  dueFor(remainingSeconds: number): 'nothing' | 'soon' | 'now' {
    if (remainingSeconds >= this.leaseSeconds / 2) return 'nothing';
    return remainingSeconds >= this.leaseSeconds / 4 ? 'soon' : 'now';
  }

  /**
   * Renews before it answers.
   *
   * @returns false when the link is gone: the collector was faster.
   */
  renew(link: BlobLink): Promise<boolean> {
    return this.renewals.get(link);
  }

  /** Renews soon, together with others, and once however many ask. When it fails, the next look-up asks again. */
  renewSoon(link: BlobLink): void {
    const key = keyOf(link);
    if (this.background.has(key)) return;
    const renewal = this.renewals
      .get(link)
      // A quarter of the lease is left at least; that the database is away is told elsewhere.
      .catch(() => false)
      .finally(() => this.background.delete(key));
    this.background.set(key, renewal);
  }

  /** Until what `renewSoon` was told is written or given up; for a clean stop. */
  async settle(): Promise<void> {
    await Promise.all(this.background.values());
  }

  private renewAll(links: readonly BlobLink[]): Promise<boolean[]> {
    return this.database.unitOfWork.run(async (tx) => {
      // By blob id, as everyone locks links. Whoever waits here for the collector finds the row gone; the collector
      // in turn skips locked rows and looks again at lease_until under its own lock.
      const rows = await tx.rows<{ repository_id: string; blob_id: string }>(
        `WITH wanted AS MATERIALIZED (
           SELECT l.repository_id, l.blob_id FROM repository_blob l
           JOIN unnest($1::bigint[], $2::bigint[]) AS asked (repository_id, blob_id) USING (repository_id, blob_id)
           ORDER BY l.blob_id, l.repository_id
           FOR NO KEY UPDATE OF l
         )
         UPDATE repository_blob l
         SET lease_until = CASE WHEN lease_until IS NULL THEN NULL
                                ELSE greatest(lease_until, now() + make_interval(secs => $3)) END
         FROM wanted
         WHERE l.repository_id = wanted.repository_id AND l.blob_id = wanted.blob_id
         RETURNING l.repository_id, l.blob_id`,
        [links.map((link) => link.repositoryId), links.map((link) => link.blobId), this.leaseSeconds],
      );
      const alive = new Set(rows.map((row) => keyOf({ repositoryId: row.repository_id, blobId: row.blob_id })));
      return links.map((link) => alive.has(keyOf(link)));
    });
  }
}

function keyOf({ repositoryId, blobId }: BlobLink): string {
  return `${repositoryId}/${blobId}`;
}
