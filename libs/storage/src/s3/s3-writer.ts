import type { Digest, DigestAlgorithm } from '@breakwater/oci';
import type { AppendLimits, BlobSource, BlobWriter, WriteOptions, WriteState } from '../blob-store.js';
import type { BufferPool } from '../buffers/buffer-pool.js';
import { consume, type Consumed } from '../buffers/consume.js';
import { Gatherer } from '../buffers/gatherer.js';
import { digestOf } from '../hashing/digest-of.js';
import { RunningDigest, newRevision, type Hashing } from '../hashing/running-digest.js';
import { newTailKey } from '../object-key.js';
import {
  ClientAbortedError,
  ObjectMissingError,
  ObjectTruncatedError,
  UploadTooLargeError,
} from '../storage.errors.js';
import { PartUploader } from './part-uploader.js';
import type { S3Bucket } from './s3-bucket.js';
import { s3Error } from './s3-errors.js';
import { forkUpload } from './s3-fork.js';
import { S3Reader } from './s3-reader.js';
import {
  completeS3State,
  findS3State,
  newS3State,
  partSizeFor,
  partsBytesOf,
  withTail,
  type S3State,
  type S3Tail,
} from './s3-state.js';
import { deleteAll, sweepTails } from './s3-tails.js';

export interface S3Shared extends Hashing {
  readonly bucket: S3Bucket;
  readonly pool: BufferPool;
  readonly partSizeBytes: number | undefined;
}

/**
 * Writes one object in parts straight to its final key. At most three part buffers are in memory: one filling, two
 * being hashed or on their way. Where the pool is crowded it is one.
 */
export class S3Writer implements BlobWriter {
  #state: S3State;
  /** What does not fill a part, after an append that was `isLast`: it goes out with `complete`. */
  #rest: { readonly memory: Buffer; readonly lengthBytes: number } | null = null;
  /** What the append under way has stored is known to it. */
  #uploader: PartUploader | null = null;
  #isAppending = false;
  #isClosed = false;

  private constructor(
    readonly key: string,
    private readonly shared: S3Shared,
    private readonly running: RunningDigest,
    state: S3State,
    /** Resumed from a writer of whose end this process knows nothing: it may have stored tails it did not record. */
    private readonly mayHaveLeftovers: boolean,
  ) {
    this.#state = state;
  }

  static async open(key: string, state: WriteState | null, options: WriteOptions, shared: S3Shared): Promise<S3Writer> {
    const recorded = findS3State(state);
    const current = recorded ?? newS3State(partSizeFor(options.expectedSizeBytes, shared.partSizeBytes));
    const running = RunningDigest.resume(shared, current, options.hash);
    return new S3Writer(key, shared, running, current, recorded !== null && !running.isLive);
  }

  get sizeBytes(): number {
    return this.#rest ? partsBytesOf(this.#state) + this.#rest.lengthBytes : this.#state.sizeBytes;
  }

  get durableSizeBytes(): number {
    return this.#durable.sizeBytes;
  }

  async append(source: BlobSource, limits: AppendLimits = {}): Promise<{ readonly appendedBytes: number }> {
    if (this.#isAppending || this.#isClosed || this.#rest) {
      throw new TypeError('one append at a time, and none after the last or close');
    }
    this.#isAppending = true;
    const before = this.sizeBytes;
    try {
      await this.#dropSuperseded();
      const { ending, cause } = await this.#store(source, limits);
      if (ending === 'too-large') throw new UploadTooLargeError(limits.maxBytes ?? 0);
      if (ending !== 'complete') throw new ClientAbortedError(ending, this.#state.sizeBytes, { cause });
      return { appendedBytes: this.sizeBytes - before };
    } catch (error) {
      this.running.rewind(this.#state.sizeBytes);
      throw s3Error(error, this.key);
    } finally {
      this.#uploader = null;
      this.#isAppending = false;
    }
  }

  get #durable(): S3State {
    return this.#uploader?.before === this.#state ? this.#uploader.after() : this.#state;
  }

  state(): WriteState {
    return this.#durable;
  }

  async digest(algorithm: DigestAlgorithm): Promise<Digest> {
    const { sizeBytes } = this;
    const known = await this.running.find(algorithm, sizeBytes);
    if (known) return known;
    // S3 lets nobody read an unfinished upload. Finishing early harms nothing: no row points at the object yet.
    await this.complete();
    const reader = await S3Reader.open(this.shared.bucket, this.key, { start: 0, end: sizeBytes });
    return digestOf(reader.stream(), algorithm, { hasher: this.shared.hasher, pool: this.shared.pool });
  }

  async complete(): Promise<void> {
    if (this.#state.isComplete) return;
    const { sizeBytes } = this;
    const { bucket } = this.shared;
    try {
      if (this.#state.uploadId === null) await this.#completeSmall();
      else await this.#completeParts(this.#state.uploadId);
    } catch (error) {
      // An earlier completion whose answer was lost: upload and tail are gone because the object is there.
      if (!(error instanceof ObjectMissingError)) throw error;
      const stored = await bucket.findSize(this.key);
      if (stored === null) throw error;
      if (stored !== sizeBytes) throw new ObjectTruncatedError(this.key, sizeBytes, stored);
    }
    const { tail, superseded, partSizeBytes } = this.#state;
    const content = this.#rest ? { revision: newRevision(), sizeBytes } : this.#state;
    this.#state = completeS3State({ revision: content.revision, sizeBytes }, partSizeBytes);
    this.#releaseRest();
    await deleteAll(bucket, tail ? [...superseded, tail.key] : superseded);
    if (this.mayHaveLeftovers) await sweepTails(bucket, this.key);
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#releaseRest();
    this.running.park(this.#state);
  }

  async #store(source: BlobSource, limits: AppendLimits): Promise<Consumed> {
    const { pool, bucket } = this.shared;
    let uploader = (this.#uploader = new PartUploader(bucket, this.key, this.running, this.#state));
    const gatherer = new Gatherer({
      pool,
      unitBytes: this.#state.partSizeBytes,
      maxInFlight: 2,
      isDividable: false,
      handOver: (memory, lengthBytes) => uploader.upload(memory, lengthBytes),
    });
    let isReady = !this.#state.isComplete && this.#state.tail === null;
    const makeReady = async (): Promise<void> => {
      isReady = true;
      if (this.#state.isComplete)
        this.#state = await forkUpload(bucket, { key: this.key, state: this.#state }, this.key);
      uploader = this.#uploader = new PartUploader(bucket, this.key, this.running, this.#state);
      if (this.#state.tail) await this.#load(this.#state.tail, gatherer);
    };
    // Only when there is a byte to put behind them: a last PUT without a body finds everything as it should be.
    const accept = (chunk: Uint8Array): Promise<void> | undefined =>
      isReady ? gatherer.accept(chunk) : makeReady().then(() => gatherer.accept(chunk));
    try {
      const consumed = await consume(source, accept, limits);
      await gatherer.settle();
      this.#state = uploader.after();
      await this.#keepRest(gatherer, limits.isLast === true && consumed.ending === 'complete');
      return consumed;
    } catch (error) {
      const rest = gatherer.takeRest();
      if (rest) pool.give(rest.memory);
      await gatherer.settle().catch(() => undefined);
      if (this.#state === uploader.before) this.#state = uploader.after();
      throw error;
    }
  }

  /** The superseded tails of a state that has been recorded, as the one we resume from has. */
  async #dropSuperseded(): Promise<void> {
    const { superseded } = this.#state;
    if (superseded.length === 0) return;
    await deleteAll(this.shared.bucket, superseded);
    this.#state = { ...this.#state, superseded: [] };
  }

  async #load(tail: S3Tail, gatherer: Gatherer): Promise<void> {
    const reader = await S3Reader.open(this.shared.bucket, tail.key, { start: 0, end: tail.sizeBytes });
    const { ending, cause } = await consume(reader.stream(), (chunk) => gatherer.accept(chunk), {
      ownsChunks: true,
    });
    if (ending !== 'complete') throw s3Error(cause, this.key);
  }

  async #keepRest(gatherer: Gatherer, isLast: boolean): Promise<void> {
    const rest = gatherer.takeRest();
    if (!rest) return;
    const { memory, lengthBytes } = rest;
    const offset = partsBytesOf(this.#state);
    if (isLast) {
      this.#rest = { memory: await this.running.update(memory, lengthBytes, offset), lengthBytes };
      return;
    }
    try {
      const key = newTailKey(this.key);
      await this.shared.bucket.put(key, memory.subarray(0, lengthBytes));
      this.#state = withTail(this.#state, { key, sizeBytes: lengthBytes });
    } catch (error) {
      this.shared.pool.forget(memory.length);
      throw error;
    }
    this.shared.pool.give(await this.running.update(memory, lengthBytes, offset));
  }

  async #completeSmall(): Promise<void> {
    const { bucket } = this.shared;
    if (!this.#rest && this.#state.tail) await bucket.copy(this.#state.tail.key, this.key);
    else await bucket.put(this.key, this.#restBytes() ?? new Uint8Array());
  }

  /** The ETags are those we were given: had anybody overwritten a part, a zombie say, S3 would refuse to complete. */
  async #completeParts(uploadId: string): Promise<void> {
    const { bucket } = this.shared;
    const { parts, tail } = this.#state;
    const last = this.#restBytes();
    const etags = [...parts];
    if (last) etags.push(await bucket.uploadPart(this.key, uploadId, parts.length + 1, last));
    else if (tail) etags.push(await bucket.copyPart(this.key, uploadId, parts.length + 1, tail.key));
    await bucket.completeUpload(this.key, uploadId, etags);
  }

  #restBytes(): Uint8Array | undefined {
    return this.#rest?.memory.subarray(0, this.#rest.lengthBytes);
  }

  #releaseRest(): void {
    if (this.#rest) this.shared.pool.give(this.#rest.memory);
    this.#rest = null;
  }
}
