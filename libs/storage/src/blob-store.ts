import type { ByteRange, Digest, DigestAlgorithm } from '@breakwater/oci';
import type { ServerResponse } from 'node:http';
import type { Http2ServerResponse } from 'node:http2';
import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';

/**
 * Bytes under keys. Knows nothing of digests as addresses, of repositories, or of rows: the caller makes a key
 * (`newObjectKey`), records it, and only then writes. Every driver passes `blob-store.suite.ts`.
 *
 * Whatever goes wrong is one of `storage.errors.ts`; every method may throw StorageUnavailableError.
 */
export interface BlobStore {
  /**
   * Starts (`state` null) or resumes a write. Bytes beyond what `state` records are leftovers of a crash and are
   * dropped. One writer per key at a time: that is the caller's to ensure, by a row lock or by `fork`.
   *
   * @throws ObjectMissingError, ObjectTruncatedError  the storage no longer has what `state` records.
   */
  openWriter(key: string, state: WriteState | null, options: WriteOptions): Promise<BlobWriter>;

  /**
   * Copies what an unfinished write has durably stored to `newKey`, for a session that is taken from a dead writer:
   * should that writer still live, its late bytes go to a key that nobody reads. Record `newKey` first; afterwards
   * discard the old key with the old state.
   *
   * @returns the state to resume `newKey` with; null when there was nothing.
   */
  fork(key: string, state: WriteState | null, newKey: string): Promise<WriteState | null>;

  /** Removes all that an unfinished write owns, recorded or not. Nothing there is no error. */
  discard(key: string, state: WriteState | null): Promise<void>;

  /**
   * @param range  half-open; the whole object when left out. Give the size on record as `end`: then an object that
   *   has become shorter is found before the answer begins.
   * @throws ObjectMissingError, ObjectTruncatedError
   */
  read(key: string, range?: ByteRange): Promise<BlobReader>;

  stat(key: string): Promise<ObjectStat | null>;

  /** Removes a finished object. Nothing there is no error. */
  delete(key: string): Promise<void>;

  /**
   * All objects whose key begins with `prefix`, in ascending order of key, page by page in constant memory.
   * Finds finished and unfinished ones alike, and tails (see `owningObjectKey`).
   *
   * @param after  keys up to and including this one are skipped, to go on where an earlier walk stopped.
   */
  list(prefix: string, after?: string): AsyncIterable<readonly ListedObject[]>;

  /** An address that serves the object to whoever has it, for a while; null where the driver has no such thing. */
  presignedUrl(key: string, options: PresignOptions): Promise<string | null>;

  /** Writes and reads a tiny object, always the same one, which stays: resolves if the storage works. */
  probe(): Promise<void>;

  /** Room of the volume; null where there is no limit that we could know. */
  capacity(): Promise<{ readonly totalBytes: number; readonly freeBytes: number } | null>;

  describe(): StoreDescription;

  /** Ends threads and connections. Open readers and writers are to be closed before. */
  close(): Promise<void>;
}

/** A driver's notes on an unfinished write. JSON; opaque to the caller, who keeps it in the upload's row. */
export type WriteState = object;

export interface WriteOptions {
  /** What to compute while bytes arrive; `none` when no digest will be asked for. */
  readonly hash: DigestAlgorithm | 'none';
  /** Of the whole object, if known. S3 chooses its part size by it: without it an object ends at 10 000 parts. */
  readonly expectedSizeBytes?: number;
}

/** An append-only write. Close it, whatever happens; what is durable stays resumable. */
export interface BlobWriter {
  readonly key: string;
  /** Bytes taken so far; all of them are durable except after an append that was `isLast`. */
  readonly sizeBytes: number;
  /** Bytes that `state()` stands for: where a resumed write goes on. It grows during a long append too. */
  readonly durableSizeBytes: number;

  /**
   * Appends `source` to its end. When it resolves, everything is durable (but see `isLast`) and `state()` is to be
   * recorded. When it rejects, what could be saved is durable and `state()` says how much: record it as well.
   * The chunks of an HTTP request, and of any source that `GivesChunksAway`, are freed as they are used: nobody else
   * may keep them.
   *
   * @throws ClientAbortedError  the source broke off, was idle or was cancelled.
   * @throws UploadTooLargeError, StorageFullError
   */
  append(source: BlobSource, limits?: AppendLimits): Promise<{ readonly appendedBytes: number }>;

  /** What to record for resuming. Says only what is durable, also when it is asked in the middle of an append. */
  state(): WriteState;

  /**
   * Digest of all bytes so far. At once if this process saw them all under this algorithm (in this writer or an
   * earlier one), else by reading what is stored; S3 has to finish the object for that, so append before, not after.
   */
  digest(algorithm: DigestAlgorithm): Promise<Digest>;

  /** Makes the object durable and readable under its key. May be repeated, by another process too. */
  complete(): Promise<void>;

  /** Lets go of file handles and buffers. */
  close(): Promise<void>;
}

export type BlobSource = (Readable | AsyncIterable<Buffer>) & Partial<GivesChunksAway>;

/**
 * A stream whose chunks belong to whoever reads it, memory and all. For a stream of large content that is worth saying:
 * memory that is freed at once, and not by the garbage collector, saves a fifth of the CPU time of an upload.
 */
export interface GivesChunksAway {
  readonly givesChunksAway: true;
}

export interface AppendLimits {
  /** Of this append. */
  readonly maxBytes?: number;
  /** Longest wait for a byte. */
  readonly idleTimeoutMs?: number;
  readonly signal?: AbortSignal;
  /**
   * The caller goes on to `complete()` at once: what is cheaper to make durable there may wait. Until then `state()`
   * may say less than `sizeBytes`.
   */
  readonly isLast?: boolean;
}

export type BlobSink = ServerResponse | Http2ServerResponse | Socket;

/** An open object. Consume it by `pipeTo` or `stream`, or close it. */
export interface BlobReader {
  /** Of the whole object. */
  readonly sizeBytes: number;
  /** What this reader will give. */
  readonly range: ByteRange;
  /** What `pipeTo` has given to the system so far, also after it failed. */
  readonly sentBytes: number;

  /**
   * Sends the range and ends `response`, in constant memory, at the pace of the other side. On failure `response` is
   * destroyed, so that a body is never silently short; only one whose headers are still unsent is left to the caller.
   * Buffers are used again once `response` has called back for them, so it must be the real thing: a PassThrough calls
   * back while it still holds them.
   *
   * @throws ClientAbortedError  the other side went away.
   * @throws ObjectTruncatedError
   */
  pipeTo(response: BlobSink, options?: { readonly signal?: AbortSignal }): Promise<void>;

  /** The range as a stream, for all other uses. Errors with ObjectTruncatedError rather than end short. */
  stream(): Readable;

  close(): Promise<void>;
}

export interface ObjectStat {
  readonly sizeBytes: number;
}

export interface ListedObject extends ObjectStat {
  readonly key: string;
  readonly modifiedAt: Date;
}

export interface PresignOptions {
  readonly expiresSeconds: number;
  readonly contentType: string;
  /** What a browser saves it as. */
  readonly fileName?: string;
}

/** For people and logs; no secrets. */
export interface StoreDescription {
  readonly driver: 'filesystem' | 's3';
  readonly location: string;
}
