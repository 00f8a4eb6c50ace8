import type { ByteRange } from '@breakwater/oci';
import { Readable } from 'node:stream';
import type { BlobReader, BlobSink } from '../blob-store.js';
import type { BufferPool } from '../buffers/buffer-pool.js';
import { SMALLEST_BUFFER_BYTES } from '../buffers/buffer-sizes.js';
import { ResponseSink } from '../buffers/response-sink.js';
import { ObjectTruncatedError } from '../storage.errors.js';
import { filesystemError } from './filesystem-errors.js';
import { OpenFile } from './open-file.js';
import { sendByBuffers } from './send-by-buffers.js';
import { sendByKernel } from './send-by-kernel.js';
import type { Sendfile } from './sendfile.js';
import { findSocketDescriptor } from './socket-descriptor.js';
import type { Traffic } from './traffic.js';
import type { Volume } from './volume.js';

const STREAM_CHUNK_BYTES = 256 * 1024;
/** Below it asking a thread for the kernel's help costs more than the copies that it saves. */
const LEAST_BY_KERNEL_BYTES = 512 * 1024;
/** How far one way of sending goes before it is chosen anew. */
const LEG_BYTES = 16 * 2 ** 20;

export interface ReaderParts {
  readonly volume: Volume;
  readonly pool: BufferPool;
  readonly sendfile: Sendfile | null;
  readonly traffic: Traffic;
}

/** Reads one file: from the page cache to the socket where that can be, else through two buffers. */
export class FilesystemReader implements BlobReader {
  #isUsed = false;
  #sink: ResponseSink | null = null;

  private constructor(
    private readonly key: string,
    private readonly file: OpenFile,
    private readonly parts: ReaderParts,
    readonly range: ByteRange,
  ) {}

  static async open(key: string, range: ByteRange | undefined, parts: ReaderParts): Promise<FilesystemReader> {
    let file: OpenFile | null = null;
    try {
      file = await OpenFile.open(parts.volume.path(key), key);
      const { sizeBytes } = file;
      const { start, end } = range ?? { start: 0, end: sizeBytes };
      if (sizeBytes < end) throw new ObjectTruncatedError(key, end, sizeBytes);
      return new FilesystemReader(key, file, parts, { start, end });
    } catch (error) {
      await file?.close();
      throw filesystemError(error, key);
    }
  }

  get sizeBytes(): number {
    return this.file.sizeBytes;
  }

  get sentBytes(): number {
    return this.#sink?.sentBytes ?? 0;
  }

  async pipeTo(response: BlobSink, { signal }: { readonly signal?: AbortSignal } = {}): Promise<void> {
    this.#use();
    const sink = new ResponseSink(response, signal);
    this.#sink = sink;
    try {
      if (this.range.end - this.range.start <= SMALLEST_BUFFER_BYTES) await sink.end(await this.#readWhole());
      else await this.parts.traffic.during(() => this.#sendLegs(sink, response));
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

  close(): Promise<void> {
    return this.file.close();
  }

  #use(): void {
    if (this.#isUsed || this.file.isClosed) throw new TypeError('a reader is consumed once');
    this.#isUsed = true;
  }

  async #readWhole(): Promise<Buffer> {
    const bytes = Buffer.allocUnsafe(this.range.end - this.range.start);
    await this.file.fill(bytes, this.range.start);
    return bytes;
  }

  async #sendLegs(sink: ResponseSink, response: BlobSink): Promise<void> {
    const { pool } = this.parts;
    for (let start = this.range.start; start < this.range.end;) {
      const end = Math.min(start + LEG_BYTES, this.range.end);
      start = await this.#sendByKernel({ start, end }, { sink, response });
      await sendByBuffers(this.file, { start, end }, { sink, pool });
      start = end;
    }
    await sink.end();
  }

  /**
   * A lone client gets its bytes sooner through buffers, which are read while others are sent; of several, each gets
   * more by what the kernel saves (docs/adr/0006).
   *
   * @returns the position of the first byte that is still to be sent.
   */
  async #sendByKernel(
    leg: ByteRange,
    { sink, response }: { readonly sink: ResponseSink; readonly response: BlobSink },
  ): Promise<number> {
    const { sendfile, pool, traffic } = this.parts;
    if (sendfile === null || !traffic.isShared || leg.end - leg.start < LEAST_BY_KERNEL_BYTES) return leg.start;
    const socket = findSocketDescriptor(response);
    if (socket === null) return leg.start;
    return sendByKernel(this.file, leg, { socket, sendfile, sink, pool });
  }

  async *#chunks(): AsyncGenerator<Buffer> {
    try {
      for (let position = this.range.start; position < this.range.end;) {
        // Fresh memory each time: whoever reads the stream may keep its chunks.
        const bytes = Buffer.allocUnsafeSlow(Math.min(STREAM_CHUNK_BYTES, this.range.end - position));
        await this.file.fill(bytes, position);
        position += bytes.length;
        yield bytes;
      }
    } catch (error) {
      throw filesystemError(error, this.key);
    } finally {
      await this.close();
    }
  }
}
