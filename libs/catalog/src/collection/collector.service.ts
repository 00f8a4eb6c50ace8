import type { BlobStore } from '@breakwater/storage';
import type { CollectionRepository, TrashedObject } from './collection.repository.js';

export interface CollectorOptions {
  /** How long a condemned blob can still be revived by a commit or a mount of its digest. */
  readonly graceSeconds: number;
  /** Rows of one transaction. Small, so that pushes never wait long for a lock. */
  readonly batchSize: number;
  /** Objects deleted at once. */
  readonly deleteConcurrency: number;
}

/** What one pass did, in rows; bytes are those of deleted objects. */
export interface CollectionOutcome {
  readonly expiredUploads: number;
  readonly purgedArtifacts: number;
  readonly expiredLinks: number;
  readonly collectedBlobs: number;
  readonly forgottenRepositories: number;
  readonly deletedObjects: number;
  readonly deletedBytes: number;
  /** Objects that the storage refused to delete; they are tried again with growing pauses. */
  readonly failedDeletes: number;
}

/** The longest pause between two tries to delete an object that the storage refuses to let go. */
const MAX_PAUSE_SECONDS = 3600;

/**
 * Collects what nothing needs any more, beside running pushes and beside other collectors.
 *
 * One pass runs every step until nothing is due. A pass that is cut short anywhere loses nothing: each step is
 * a transaction of its own, and an object's row goes after the object.
 */
export class Collector {
  constructor(
    private readonly collection: CollectionRepository,
    private readonly store: BlobStore,
    private readonly options: CollectorOptions,
  ) {}

  async runOnce(signal: AbortSignal): Promise<CollectionOutcome> {
    const limit = this.options.batchSize;
    const expiredUploads = await drain(signal, limit, () => this.collection.expireUploads(limit));
    const purgedArtifacts = await drain(signal, limit, () => this.collection.purgeDeletedArtifacts(limit));
    const expiredLinks = await drain(signal, limit, () => this.collection.expireLinks(limit));
    const collectedBlobs = await drain(
      signal,
      limit,
      async () => (await this.collection.collectCondemned(this.options.graceSeconds, limit)).count,
    );
    const forgottenRepositories = await drain(signal, limit, () => this.collection.forgetUnlistedRepositories(limit));
    const deleted = await this.emptyTrash(signal);
    return { expiredUploads, purgedArtifacts, expiredLinks, collectedBlobs, forgottenRepositories, ...deleted };
  }

  private async emptyTrash(
    signal: AbortSignal,
  ): Promise<Pick<CollectionOutcome, 'deletedObjects' | 'deletedBytes' | 'failedDeletes'>> {
    const total = { deletedObjects: 0, deletedBytes: 0, failedDeletes: 0 };
    while (!signal.aborted) {
      const batch = await this.collection.claimTrash(this.options.batchSize);
      if (batch.length === 0) break;
      const gone: TrashedObject[] = [];
      for (let start = 0; start < batch.length; start += this.options.deleteConcurrency) {
        const group = batch.slice(start, start + this.options.deleteConcurrency);
        const outcomes = await Promise.all(group.map((object) => this.delete(object)));
        gone.push(...group.filter((_, index) => outcomes[index] === true));
      }
      await this.collection.forgetTrash(gone.map((object) => object.objectKey));
      total.deletedObjects += gone.length;
      total.deletedBytes += gone.reduce((sum, object) => sum + object.sizeBytes, 0);
      total.failedDeletes += batch.length - gone.length;
    }
    return total;
  }

  private async delete(object: TrashedObject): Promise<boolean> {
    try {
      // Both are no error for an object that is gone already: a crash between object and row repeats the delete.
      if (object.writeState !== null) await this.store.discard(object.objectKey, object.writeState);
      else await this.store.delete(object.objectKey);
      return true;
    } catch (error) {
      const pause = Math.min(MAX_PAUSE_SECONDS, 2 ** object.attempts);
      await this.collection.postponeTrash(object.objectKey, pause, error instanceof Error ? error.message : 'unknown');
      return false;
    }
  }
}

/** Repeats a step until it finds less than a full batch. @returns rows over all rounds. */
async function drain(signal: AbortSignal, limit: number, step: () => Promise<number>): Promise<number> {
  let total = 0;
  while (!signal.aborted) {
    const count = await step();
    total += count;
    if (count < limit) break;
  }
  return total;
}
