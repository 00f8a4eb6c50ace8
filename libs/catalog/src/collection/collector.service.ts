import { DatabaseUnavailableError } from '@breakwater/database';
import type { BlobStore } from '@breakwater/storage';
import type { CollectionRepository } from './collection.repository.js';
import type { TrashedObject, TrashRepository } from './trash.repository.js';

export interface CollectorOptions {
  /** How long a condemned blob can still be revived by a commit or a mount of its digest. */
  readonly graceSeconds: number;
  /** Rows of one transaction. Small, so that pushes never wait long for a lock. */
  readonly batchSize: number;
  /** Objects deleted at once. */
  readonly deleteConcurrency: number;
  /** Most batches of each step in one pass, so that a pass ends and tells what it did even when much is due. */
  readonly maxRounds: number;
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
  /** More is due, or may be: the next pass need not wait. */
  readonly hasMore: boolean;
  /** Steps that could not be done. The others were, so a row that breaks one of them holds up nothing else. */
  readonly failures: readonly StepFailure[];
}

export interface StepFailure {
  readonly step: CollectionStep;
  readonly error: unknown;
}

export type CollectionStep = 'uploads' | 'artifacts' | 'links' | 'blobs' | 'repositories' | 'trash';

/** The longest pause between two tries to delete an object that the storage refuses to let go. */
const MAX_PAUSE_SECONDS = 3600;

/**
 * Collects what nothing needs any more, beside running pushes and beside other collectors.
 *
 * A pass goes round the steps, a batch of each, until none has a full one, so that no step waits for another to run
 * dry. A pass that is cut short anywhere loses nothing: each batch is a transaction of its own, and an object's row
 * goes after the object.
 */
export class Collector {
  /** Unlisted repositories that are in use stay where they are: each pass looks at a few, and goes on there next. */
  private lastRepositoryId = FIRST;

  constructor(
    private readonly collection: CollectionRepository,
    private readonly trash: TrashRepository,
    private readonly store: BlobStore,
    private readonly options: CollectorOptions,
  ) {}

  /** @throws DatabaseUnavailableError  nothing can be done now. */
  async runOnce(signal: AbortSignal): Promise<CollectionOutcome> {
    const pass: Pass = { signal, tally: newTally(), failures: new Map() };
    let hasMore = true;
    for (let round = 0; round < this.options.maxRounds && hasMore && !signal.aborted; round++)
      hasMore = await this.goRound(pass);
    await attempt(pass, 'repositories', () => this.forgetRepositories(pass.tally));
    const failures = [...pass.failures].map(([step, error]) => ({ step, error }));
    return { ...pass.tally, hasMore: hasMore || signal.aborted, failures };
  }

  /** @returns whether any step had a full batch. */
  private async goRound(pass: Pass): Promise<boolean> {
    const { batchSize, graceSeconds } = this.options;
    const { tally } = pass;
    const counted = (name: keyof Tally, step: (limit: number) => Promise<number>) => async (): Promise<boolean> => {
      const count = await step(batchSize);
      tally[name] += count;
      return count === batchSize;
    };
    const steps = {
      uploads: counted('expiredUploads', (limit) => this.collection.expireUploads(limit)),
      artifacts: counted('purgedArtifacts', (limit) => this.collection.purgeDeletedArtifacts(limit)),
      links: counted('expiredLinks', (limit) => this.collection.expireLinks(limit)),
      blobs: counted('collectedBlobs', (limit) => this.collection.collectCondemned(graceSeconds, limit)),
      trash: () => this.emptyTrash(pass),
    };
    let hasMore = false;
    for (const [name, step] of Object.entries(steps) as [keyof typeof steps, () => Promise<boolean>][])
      hasMore = (await attempt(pass, name, step)) || hasMore;
    return hasMore;
  }

  private async forgetRepositories(tally: Tally): Promise<boolean> {
    const { batchSize } = this.options;
    const ids = await this.collection.findUnlistedRepositories(this.lastRepositoryId, batchSize);
    tally.forgottenRepositories += await this.collection.forgetUnusedRepositories(ids);
    this.lastRepositoryId = ids.length < batchSize ? FIRST : (ids.at(-1) ?? FIRST);
    return false;
  }

  private async emptyTrash({ tally, signal }: Pass): Promise<boolean> {
    const { batchSize, deleteConcurrency } = this.options;
    const batch = await this.trash.claim(batchSize);
    let deleted = 0;
    for (let start = 0; start < batch.length && !signal.aborted; start += deleteConcurrency) {
      const group = batch.slice(start, start + deleteConcurrency);
      const outcomes = await Promise.all(group.map((object) => this.delete(object)));
      const gone = group.filter((_, index) => outcomes[index] === true);
      await this.trash.forget(gone.map((object) => object.objectKey));
      deleted += gone.length;
      tally.deletedBytes += gone.reduce((sum, object) => sum + object.sizeBytes, 0);
      tally.failedDeletes += group.length - gone.length;
    }
    tally.deletedObjects += deleted;
    // A storage that lets nothing go is away: the rest can wait for the next pass.
    return batch.length === batchSize && deleted > 0;
  }

  private async delete(object: TrashedObject): Promise<boolean> {
    const { objectKey, writeState } = object;
    try {
      // Nothing there is no error: a crash between object and row repeats the delete. An unfinished write may have
      // left more than its object, even where it died before it left a note of it.
      if (object.isWhole) await this.store.delete(objectKey);
      else await this.store.discard(objectKey, writeState);
      return true;
    } catch (error) {
      const pauseSeconds = Math.min(MAX_PAUSE_SECONDS, 2 ** object.attempts);
      await this.trash.postpone(objectKey, pauseSeconds, reasonOf(error));
      return false;
    }
  }
}

/** Before all ids. */
const FIRST = '0';

type Tally = { -readonly [Name in keyof Omit<CollectionOutcome, 'hasMore' | 'failures'>]: number };

function newTally(): Tally {
  return {
    expiredUploads: 0,
    purgedArtifacts: 0,
    expiredLinks: 0,
    collectedBlobs: 0,
    forgottenRepositories: 0,
    deletedObjects: 0,
    deletedBytes: 0,
    failedDeletes: 0,
  };
}

interface Pass {
  readonly signal: AbortSignal;
  readonly tally: Tally;
  /** Why a step failed: it is not tried again in this pass. */
  readonly failures: Map<CollectionStep, unknown>;
}

/** @returns whether the step has more to do. */
async function attempt(
  { signal, failures }: Pass,
  name: CollectionStep,
  step: () => Promise<boolean>,
): Promise<boolean> {
  if (signal.aborted || failures.has(name)) return false;
  try {
    return await step();
  } catch (error) {
    if (error instanceof DatabaseUnavailableError) throw error;
    failures.set(name, error);
    return false;
  }
}

/** For the operator who wonders: what the storage said is in the cause. */
function reasonOf(error: unknown): string {
  const { message = 'unknown', cause } = error as { message?: string; cause?: { message?: string } };
  return cause?.message === undefined ? message : `${message}: ${cause.message}`;
}
