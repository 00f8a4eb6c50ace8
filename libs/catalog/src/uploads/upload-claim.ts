import { type Database, DatabaseUnavailableError } from '@breakwater/database';
import {
  type BlobStore,
  newObjectKey,
  ObjectMissingError,
  ObjectTruncatedError,
  type WriteState,
} from '@breakwater/storage';
import { randomUUID } from 'node:crypto';
import type { LateReturns } from './late-returns.js';
import { UploadBusyError, UploadUnknownError } from './upload.errors.js';
import type {
  ClaimedUpload,
  DiscardReason,
  UploadAddress,
  UploadProgress,
  UploadRepository,
} from './upload.repository.js';

/** How long a superseded object stays: a writer that was believed dead has long failed at its own row by then. */
export const ZOMBIE_SECONDS = 3_600;
/** How long a copy may take before the trash takes it for one whose maker died. */
const FORK_SECONDS = 86_400;

/**
 * The right to write one upload, held by one request and renewed while it lasts.
 *
 * A claim that was not renewed in time is free for the next request, which goes on with a copy: whatever the old
 * holder still writes, it writes to an object that nobody reads, and its row updates find another writer.
 */
export class UploadClaim {
  private readonly loss = new AbortController();
  private readonly renewal: NodeJS.Timeout;
  private renewedAtMs = performance.now();
  private current: UploadProgress;
  private isOver = false;
  private isRenewing = false;
  private findProgress: (() => Pick<UploadProgress, 'writeState' | 'receivedBytes'>) | null = null;

  private constructor(
    private readonly deps: ClaimDependencies,
    private readonly address: UploadAddress,
    readonly upload: ClaimedUpload,
    readonly writer: string,
  ) {
    this.current = upload;
    this.renewal = setInterval(() => void this.renew(), (deps.writerSeconds * 1000) / 3).unref();
  }

  /**
   * @throws UploadUnknownError
   * @throws UploadBusyError
   */
  static async take(deps: ClaimDependencies, address: UploadAddress): Promise<UploadClaim> {
    const writer = randomUUID();
    const upload = await deps.uploads.claim(deps.database, address, writer).catch((error: unknown) => {
      // Nobody knows whether the row is ours now; and where it is, whose it was before.
      if (error instanceof DatabaseUnavailableError) expireLater(deps, address, writer);
      throw error;
    });
    if (upload === null) throw await whyNot(deps, address);
    const claim = new UploadClaim(deps, address, upload, writer);
    if (upload.isTakenOver) await claim.fork();
    return claim;
  }

  /** For an upload that was inserted with its writer. */
  static of(deps: ClaimDependencies, address: UploadAddress, upload: ClaimedUpload, writer: string): UploadClaim {
    return new UploadClaim(deps, address, upload, writer);
  }

  get progress(): UploadProgress {
    return this.current;
  }

  /** Aborts when the claim is no longer ours: whatever writes under it stops. */
  get lost(): AbortSignal {
    return this.loss.signal;
  }

  /** What is durable now; recorded at the release. */
  advance(writeState: WriteState, receivedBytes: number): void {
    this.current = { ...this.current, writeState, receivedBytes };
  }

  /**
   * Each renewal records how far the writer has come as well, which costs nothing more: should this process die, what
   * was durable by then is not sent again.
   */
  recordWhileItLasts(progress: () => Pick<UploadProgress, 'writeState' | 'receivedBytes'>): void {
    this.findProgress = progress;
  }

  /**
   * Gives the claim back and records how far we came; later, when the database is lost in this moment.
   *
   * @throws UploadBusyError, UploadUnknownError  it is no longer ours; what we wrote counts for nothing.
   */
  async release(): Promise<void> {
    if (this.isOver) return;
    this.end();
    const { database, uploads, lateReturns } = this.deps;
    const giveBack = (): Promise<boolean> => uploads.release(database, this.upload.id, this.writer, this.current);
    const wasOurs = await giveBack().catch((error: unknown) => {
      if (error instanceof DatabaseUnavailableError) lateReturns.add(giveBack);
      throw error;
    });
    if (!wasOurs) throw await this.lossError();
  }

  /**
   * Ends the upload; its bytes go to the trash in the same transaction.
   *
   * @throws UploadBusyError, UploadUnknownError
   */
  async discard(reason: DiscardReason): Promise<void> {
    const { database, uploads } = this.deps;
    await database.unitOfWork.run(async (tx) => {
      if (!(await uploads.delete(tx, this.upload.id, this.writer))) throw await this.lossError();
      await uploads.discard(tx, this.current, reason, 0);
    });
    this.end();
  }

  /** Stops renewing: the row is given back, or gone, by the caller's own transaction. */
  end(): void {
    this.isOver = true;
    clearInterval(this.renewal);
  }

  /** For whoever finds the row no longer ours: somebody took it over, or it was ended under us. */
  lossError(): Promise<UploadBusyError | UploadUnknownError> {
    return whyNot(this.deps, this.address);
  }

  /**
   * Race: take-over from a writer that is slow, not dead. It may go on writing to its object at any moment; we go on
   * with a copy of what is on record. At every moment of it a row owns the copy: the trash until the row is ours.
   */
  private async fork(): Promise<void> {
    const { database, store, uploads } = this.deps;
    const { id } = this.upload;
    const before = this.current;
    const copy = { objectKey: newObjectKey(), writeState: null, receivedBytes: before.receivedBytes };
    try {
      await uploads.discard(database, copy, 'superseded', FORK_SECONDS);
      const writeState = await store.fork(before.objectKey, before.writeState, copy.objectKey);
      const forked = { ...copy, writeState };
      await database.unitOfWork.run(async (tx) => {
        const isOurs = await uploads.moveTo(tx, id, this.writer, forked);
        if (!isOurs || !(await uploads.rescue(tx, copy.objectKey))) throw await this.lossError();
        await uploads.discard(tx, before, 'superseded', ZOMBIE_SECONDS);
      });
      this.current = forked;
    } catch (error) {
      // The row stays as the old writer left it, and not as one that was given back: the next claim forks again.
      this.end();
      expireLater(this.deps, this.address, this.writer);
      throw await this.orUnknown(error);
    }
  }

  /** What the client believes to be stored is not there: only a new upload helps it. */
  async orUnknown(error: unknown): Promise<unknown> {
    if (!(error instanceof ObjectMissingError || error instanceof ObjectTruncatedError)) return error;
    await this.discard('refused');
    return new UploadUnknownError(this.upload.id);
  }

  private async renew(): Promise<void> {
    // One at a time: a late one must not take back what a later one has recorded.
    if (this.isRenewing) return;
    this.isRenewing = true;
    const { database, uploads, writerSeconds } = this.deps;
    const startedAtMs = performance.now();
    try {
      if (!(await uploads.renew(database, this.upload.id, this.writer, this.findProgress?.() ?? null))) this.lose();
      this.renewedAtMs = startedAtMs;
    } catch {
      // The database is away. Until the claim runs out nobody else can have it; after that we do not know.
      if (startedAtMs - this.renewedAtMs > writerSeconds * 1000) this.lose();
    } finally {
      this.isRenewing = false;
    }
  }

  private lose(): void {
    clearInterval(this.renewal);
    this.loss.abort();
  }
}

export interface ClaimDependencies {
  readonly database: Database;
  readonly store: BlobStore;
  readonly uploads: UploadRepository;
  readonly lateReturns: LateReturns;
  readonly writerSeconds: number;
}

function expireLater(
  { database, uploads, lateReturns }: ClaimDependencies,
  { id }: UploadAddress,
  writer: string,
): void {
  lateReturns.add(() => uploads.expireClaim(database, id, writer));
}

async function whyNot(
  { database, uploads }: ClaimDependencies,
  address: UploadAddress,
): Promise<UploadBusyError | UploadUnknownError> {
  const exists = (await uploads.find(database, address)) !== null;
  return exists ? new UploadBusyError(address.id) : new UploadUnknownError(address.id);
}
