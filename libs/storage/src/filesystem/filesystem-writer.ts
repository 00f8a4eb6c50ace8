import type { Digest, DigestAlgorithm } from '@breakwater/oci';
import { constants, type FileHandle } from 'node:fs/promises';
import type { AppendLimits, BlobSource, BlobWriter, WriteOptions, WriteState } from '../blob-store.js';
import type { BufferPool } from '../buffers/buffer-pool.js';
import { LARGE_BUFFER_BYTES } from '../buffers/buffer-sizes.js';
import { consume } from '../buffers/consume.js';
import { Gatherer } from '../buffers/gatherer.js';
import { digestOf } from '../hashing/digest-of.js';
import { RunningDigest, newRevision, type Hashing, type Revision } from '../hashing/running-digest.js';
import { ClientAbortedError, ObjectTruncatedError, UploadTooLargeError } from '../storage.errors.js';
import { filesystemError } from './filesystem-errors.js';
import { FilesystemReader } from './filesystem-reader.js';
import { findFilesystemState, type FilesystemState } from './filesystem-state.js';
import type { Sendfile } from './sendfile.js';
import type { Traffic } from './traffic.js';
import type { Volume } from './volume.js';

/** What is written this far apart is sent to the disk while more arrives, so that the last sync has little left. */
const SYNC_EVERY_BYTES = 32 * 2 ** 20;

/** Buffers being written or hashed while another one fills. With two a fast client waits for us, with more it does not. */
const IN_FLIGHT = 4;

export interface FilesystemShared extends Hashing {
  readonly volume: Volume;
  readonly pool: BufferPool;
  readonly sendfile: Sendfile | null;
  readonly traffic: Traffic;
}

/**
 * Of one call. Linux takes memory for the page cache in pieces as large as the write. Large ones are soon only to be had
 * among memory that nobody has used yet, which a virtual machine gets from its host while the copy waits: measured on
 * one, 1.0 s of CPU for 256 MiB instead of 0.06 (docs/adr/0003).
 */
const WRITE_BYTES = 128 * 1024;

/** Writes one file, at its final and unique path: the row that owns it says whether it is finished. */
export class FilesystemWriter implements BlobWriter {
  #writtenBytes: number;
  #durable: Revision;
  #startedSyncBytes: number;
  #isEntryDurable: boolean;
  #lastWrite: Promise<void> = Promise.resolve();
  #backgroundSync: Promise<void> | null = null;
  #isAppending = false;
  #isClosed = false;

  private constructor(
    readonly key: string,
    private readonly shared: FilesystemShared,
    private readonly handle: FileHandle,
    private readonly running: RunningDigest,
    recorded: Revision,
  ) {
    this.#durable = recorded;
    this.#writtenBytes = this.#startedSyncBytes = recorded.sizeBytes;
    // A recorded state with bytes in it was made durable together with the file's entry.
    this.#isEntryDurable = recorded.sizeBytes > 0;
  }

  static async open(
    key: string,
    state: WriteState | null,
    options: WriteOptions,
    shared: FilesystemShared,
  ): Promise<FilesystemWriter> {
    const recorded = findFilesystemState(state) ?? { revision: newRevision(), sizeBytes: 0 };
    const handle = await openFile(key, recorded.sizeBytes, shared.volume);
    return new FilesystemWriter(key, shared, handle, RunningDigest.resume(shared, recorded, options.hash), recorded);
  }

  get sizeBytes(): number {
    return this.#writtenBytes;
  }

  get durableSizeBytes(): number {
    return this.#durable.sizeBytes;
  }

  async append(source: BlobSource, limits: AppendLimits = {}): Promise<{ readonly appendedBytes: number }> {
    if (this.#isAppending || this.#isClosed) throw new TypeError('one append at a time, and none after close');
    this.#isAppending = true;
    const before = this.#writtenBytes;
    try {
      const { ending, cause } = await this.#writeAll(source, limits);
      if (ending !== 'complete' || limits.isLast !== true) await this.#makeDurable();
      if (ending === 'too-large') throw new UploadTooLargeError(limits.maxBytes ?? 0);
      if (ending !== 'complete') throw new ClientAbortedError(ending, this.#durable.sizeBytes, { cause });
      return { appendedBytes: this.#writtenBytes - before };
    } catch (error) {
      // Bytes that could not be made durable were not taken.
      this.#writtenBytes = this.#durable.sizeBytes;
      this.running.rewind(this.#durable.sizeBytes);
      throw filesystemError(error, this.key);
    } finally {
      this.#isAppending = false;
    }
  }

  state(): WriteState {
    const { revision, sizeBytes } = this.#durable;
    return { driver: 'filesystem', revision, sizeBytes } satisfies FilesystemState;
  }

  async digest(algorithm: DigestAlgorithm): Promise<Digest> {
    const known = await this.running.find(algorithm, this.#writtenBytes);
    if (known) return known;
    const range = { start: 0, end: this.#writtenBytes };
    const reader = await FilesystemReader.open(this.key, range, this.shared);
    return digestOf(reader.stream(), algorithm, { hasher: this.shared.hasher, pool: this.shared.pool });
  }

  async complete(): Promise<void> {
    try {
      await this.#makeDurable();
    } catch (error) {
      throw filesystemError(error, this.key);
    }
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.running.park(this.#durable);
    await this.#backgroundSync?.catch(() => undefined);
    await this.handle.close();
  }

  async #writeAll(source: BlobSource, limits: AppendLimits): ReturnType<typeof consume> {
    const gatherer = new Gatherer({
      pool: this.shared.pool,
      unitBytes: LARGE_BUFFER_BYTES,
      maxInFlight: IN_FLIGHT,
      isDividable: true,
      handOver: (memory, lengthBytes) => this.#writeThenHash(memory, lengthBytes),
    });
    try {
      const consumed = await consume(source, (chunk) => gatherer.accept(chunk), limits);
      await gatherer.flush();
      return consumed;
    } catch (error) {
      await this.#salvage(gatherer);
      throw error;
    }
  }

  /**
   * One write at a time, in order; the hash of one buffer runs beside the write of the next. Hashing second makes the
   * hash cover what was written, no more, and leaves the memory with us while the disk reads it.
   */
  async #writeThenHash(memory: Buffer, lengthBytes: number): Promise<Buffer> {
    let offset = 0;
    const write = this.#lastWrite.then(async () => {
      offset = this.#writtenBytes;
      await writeFully(this.handle, memory, lengthBytes, offset);
      this.#writtenBytes = offset + lengthBytes;
    });
    this.#lastWrite = write;
    await write;
    this.#syncInBackground();
    return this.running.update(memory, lengthBytes, offset);
  }

  /** A write failed: whole buffers before it stay. The error itself is on its way already. */
  async #salvage(gatherer: Gatherer): Promise<void> {
    const rest = gatherer.takeRest();
    if (rest) this.shared.pool.give(rest.memory);
    await gatherer.settle().catch(() => undefined);
    this.#lastWrite = Promise.resolve();
    await this.handle
      .truncate(this.#writtenBytes)
      .then(() => this.#makeDurable())
      .catch(() => undefined);
  }

  async #makeDurable(): Promise<void> {
    await this.#backgroundSync;
    await this.#syncUpTo(this.#writtenBytes);
  }

  /** @param sizeBytes  all of them written: what is being written beside it may or may not be on the disk. */
  async #syncUpTo(sizeBytes: number): Promise<void> {
    if (sizeBytes !== this.#durable.sizeBytes || !this.#isEntryDurable) await this.shared.volume.sync(this.handle);
    if (!this.#isEntryDurable) await this.shared.volume.syncEntry(this.key);
    this.#isEntryDurable = true;
    if (sizeBytes !== this.#durable.sizeBytes) this.#durable = { revision: newRevision(), sizeBytes };
  }

  #syncInBackground(): void {
    if (this.#backgroundSync || this.#writtenBytes - this.#startedSyncBytes < SYNC_EVERY_BYTES) return;
    this.#startedSyncBytes = this.#writtenBytes;
    const sync = this.#syncUpTo(this.#writtenBytes);
    this.#backgroundSync = sync;
    // When it fails, the promise stays for #makeDurable to find: a second sync of lost pages would succeed.
    sync.then(
      () => (this.#backgroundSync = null),
      () => undefined,
    );
  }
}

async function openFile(key: string, sizeBytes: number, volume: Volume): Promise<FileHandle> {
  let handle: FileHandle | null = null;
  try {
    // Without O_CREAT a lost file is found, instead of being made anew and full of holes.
    const isNew = sizeBytes === 0;
    handle = await volume.openOrCreate(key, constants.O_RDWR | (isNew ? constants.O_CREAT | constants.O_TRUNC : 0));
    if (isNew) return handle;
    const actual = (await handle.stat()).size;
    if (actual < sizeBytes) throw new ObjectTruncatedError(key, sizeBytes, actual);
    if (actual > sizeBytes) await handle.truncate(sizeBytes);
    return handle;
  } catch (error) {
    await handle?.close();
    throw filesystemError(error, key);
  }
}

async function writeFully(handle: FileHandle, memory: Buffer, lengthBytes: number, position: number): Promise<void> {
  let done = 0;
  while (done < lengthBytes) {
    const { bytesWritten } = await handle.write(
      memory,
      done,
      Math.min(lengthBytes - done, WRITE_BYTES),
      position + done,
    );
    done += bytesWritten;
  }
}
