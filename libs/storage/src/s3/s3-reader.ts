import type { ByteRange } from '@breakwater/oci';
import { Readable } from 'node:stream';
import type { BlobReader, BlobSink } from '../blob-store.js';
import { releaseMemory } from '../buffers/release-memory.js';
import { ResponseSink } from '../buffers/response-sink.js';
import { ObjectTruncatedError, StorageUnavailableError } from '../storage.errors.js';
import type { S3Bucket } from './s3-bucket.js';
import { isRangeBeyondEnd, s3Error } from './s3-errors.js';

/** A server that sends nothing for this long, though we would take it, has failed. */
const STALL_MS = 60_000;

/** Passes an S3 answer through: each chunk goes out before the next is taken, so a slow client slows the server. */
export class S3Reader implements BlobReader {
  #isUsed = false;
  #sink: ResponseSink | null = null;

  private constructor(
    private readonly key: string,
    private readonly body: Readable,
    readonly sizeBytes: number,
    readonly range: ByteRange,
  ) {
    // Until it is consumed, a body that breaks has nobody else to tell.
    body.on('error', () => undefined);
  }

  static async open(bucket: S3Bucket, key: string, range?: ByteRange): Promise<S3Reader> {
    // S3 has no way to ask for no bytes.
    const isEmpty = range !== undefined && range.start === range.end;
    if (isEmpty) return S3Reader.#openEmpty(bucket, key, range);
    try {
      const { body, sizeBytes } = await bucket.get(key, range);
      const wanted = range ?? { start: 0, end: sizeBytes };
      if (sizeBytes < wanted.end) {
        body.destroy();
        throw new ObjectTruncatedError(key, wanted.end, sizeBytes);
      }
      return new S3Reader(key, body, sizeBytes, wanted);
    } catch (error) {
      if (!range || !isRangeBeyondEnd(error)) throw s3Error(error, key);
      throw new ObjectTruncatedError(key, range.end, (await bucket.findSize(key)) ?? 0);
    }
  }

  static async #openEmpty(bucket: S3Bucket, key: string, range: ByteRange): Promise<S3Reader> {
    const sizeBytes = await bucket.getSize(key);
    if (sizeBytes < range.end) throw new ObjectTruncatedError(key, range.end, sizeBytes);
    return new S3Reader(key, Readable.from([]), sizeBytes, range);
  }

  get sentBytes(): number {
    return this.#sink?.sentBytes ?? 0;
  }

  async pipeTo(response: BlobSink, { signal }: { readonly signal?: AbortSignal } = {}): Promise<void> {
    const sink = new ResponseSink(response, signal);
    this.#sink = sink;
    try {
      for await (const chunk of this.#chunks()) {
        await sink.write(chunk);
        releaseMemory(chunk);
      }
      await sink.end();
    } catch (error) {
      sink.abandon();
      throw s3Error(error, this.key);
    }
  }

  stream(): Readable {
    return Readable.from(this.#chunks(), { objectMode: false });
  }

  close(): Promise<void> {
    this.body.destroy();
    return Promise.resolve();
  }

  /** The body's chunks, counted: a body that ends early is an error and not an end. */
  async *#chunks(): AsyncGenerator<Buffer> {
    if (this.#isUsed) throw new TypeError('a reader is consumed once');
    this.#isUsed = true;
    const { start, end } = this.range;
    let position = start;
    let isTheirTurn = true;
    const stall = setTimeout(() => {
      if (isTheirTurn) this.body.destroy(new Error('the storage stopped sending'));
      else stall.refresh();
    }, STALL_MS);
    try {
      for await (const chunk of this.body as AsyncIterable<Buffer>) {
        position += chunk.length;
        isTheirTurn = false;
        yield chunk;
        isTheirTurn = true;
        stall.refresh();
      }
    } catch (error) {
      throw new StorageUnavailableError(error);
    } finally {
      clearTimeout(stall);
      this.body.destroy();
    }
    if (position !== end) throw new ObjectTruncatedError(this.key, end, position);
  }
}
