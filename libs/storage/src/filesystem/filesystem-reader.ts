import type { ByteRange } from '@breakwater/oci';
import { open, type FileHandle } from 'node:fs/promises';
import { Readable } from 'node:stream';
import type { BlobReader, BlobSink } from '../blob-store.js';
import type { BufferPool } from '../buffers/buffer-pool.js';
import { LARGE_BUFFER_BYTES, SMALLEST_BUFFER_BYTES, nextBufferSize } from '../buffers/buffer-sizes.js';
import { ResponseSink } from '../buffers/response-sink.js';
import { ObjectTruncatedError } from '../storage.errors.js';
import { filesystemError } from './filesystem-errors.js';
import type { Volume } from './volume.js';

const STREAM_CHUNK_BYTES = 256 * 1024;
/** A buffer that is sent faster than this may be larger next time; one slower than SLOW_MS smaller. */
const FAST_MS = 100;
const SLOW_MS = 1000;

/** Reads one file. One read of the disk runs beside one write to the socket; nothing else is in memory. */
export class FilesystemReader implements BlobReader {
  #isUsed = false;
  #isClosed = false;

  private constructor(
    private readonly key: string,
    private readonly handle: FileHandle,
    private readonly pool: BufferPool,
    readonly sizeBytes: number,
    readonly range: ByteRange,
  ) {}

  static async open(
    key: string,
    range: ByteRange | undefined,
    { volume, pool }: { readonly volume: Volume; readonly pool: BufferPool },
  ): Promise<FilesystemReader> {
    let handle: FileHandle | null = null;
    try {
      handle = await open(volume.path(key), 'r');
      const sizeBytes = (await handle.stat()).size;
      const { start, end } = range ?? { start: 0, end: sizeBytes };
      if (sizeBytes < end) throw new ObjectTruncatedError(key, end, sizeBytes);
      return new FilesystemReader(key, handle, pool, sizeBytes, { start, end });
    } catch (error) {
      await handle?.close();
      throw filesystemError(error, key);
    }
  }

  async pipeTo(response: BlobSink, { signal }: { readonly signal?: AbortSignal } = {}): Promise<void> {
    this.#use();
    const sink = new ResponseSink(response, signal);
    try {
      if (this.range.end - this.range.start <= SMALLEST_BUFFER_BYTES) await sink.end(await this.#readWhole());
      else await this.#pump(sink);
    } catch (error) {
      sink.abandon();
      throw filesystemError(error, this.key);
    } finally {
      await this.close();
    }
  }

  stream(): Readable {
    this.#use();
    return Readable.from(this.#chunks(), { objectMode: false, highWaterMark: STREAM_CHUNK_BYTES });
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.handle.close();
  }

  #use(): void {
    if (this.#isUsed || this.#isClosed) throw new TypeError('a reader is consumed once');
    this.#isUsed = true;
  }

  async #readWhole(): Promise<Buffer> {
    const bytes = Buffer.allocUnsafe(this.range.end - this.range.start);
    await this.#fill(bytes, this.range.start);
    return bytes;
  }

  /** Reads ahead into one buffer while the other is on its way out; both come from the pool and go back. */
  async #pump(sink: ResponseSink): Promise<void> {
    const { pool, range } = this;
    let sizeBytes = SMALLEST_BUFFER_BYTES;
    let position = range.start;
    const readAhead = (): Ahead | null => {
      if (position === range.end) return null;
      const memory = pool.take(pool.isCrowded ? SMALLEST_BUFFER_BYTES : sizeBytes);
      const bytes = memory.subarray(0, Math.min(memory.length, range.end - position));
      const filled = this.#fill(bytes, position);
      // It is waited for below; but should the socket fail before, a rejection must not end the process.
      filled.catch(() => undefined);
      position += bytes.length;
      return { memory, bytes, filled };
    };

    let next = readAhead();
    while (next) {
      const current = next;
      next = null;
      try {
        await current.filled;
        next = readAhead();
        const startedAt = Date.now();
        await sink.write(current.bytes);
        const tookMs = Date.now() - startedAt;
        if (tookMs < FAST_MS) sizeBytes = nextBufferSize(sizeBytes, LARGE_BUFFER_BYTES);
        else if (tookMs > SLOW_MS) sizeBytes = SMALLEST_BUFFER_BYTES;
        pool.give(current.memory);
      } catch (error) {
        pool.forget(current.memory.length);
        if (next) pool.forget(next.memory.length);
        await next?.filled.catch(() => undefined);
        throw error;
      }
    }
    await sink.end();
  }

  async *#chunks(): AsyncGenerator<Buffer> {
    try {
      for (let position = this.range.start; position < this.range.end;) {
        // Fresh memory each time: whoever reads the stream may keep its chunks.
        const bytes = Buffer.allocUnsafeSlow(Math.min(STREAM_CHUNK_BYTES, this.range.end - position));
        await this.#fill(bytes, position);
        position += bytes.length;
        yield bytes;
      }
    } catch (error) {
      throw filesystemError(error, this.key);
    } finally {
      await this.close();
    }
  }

  async #fill(bytes: Buffer, position: number): Promise<void> {
    let done = 0;
    while (done < bytes.length) {
      const { bytesRead } = await this.handle.read(bytes, done, bytes.length - done, position + done);
      // Cut off behind our back, after the size was checked.
      if (bytesRead === 0) throw new ObjectTruncatedError(this.key, this.range.end, position + done);
      done += bytesRead;
    }
  }
}

interface Ahead {
  readonly memory: Buffer;
  readonly bytes: Buffer;
  readonly filled: Promise<void>;
}
