import { randomUUID } from 'node:crypto';
import { open, unlink, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable, Transform, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createInflate } from 'node:zlib';
import { OutboundError, OutboundTooLargeError, type OutboundResponse } from '@breakwater/outbound';
import { ReportNotStoredError, ScannerAnswerError } from './scanner.errors.js';

/**
 * A report on disk. The file has no name any more: it is gone when it is disposed of, or when the process ends, however
 * it ends.
 */
export class ReportFile {
  private constructor(
    private readonly handle: FileHandle,
    readonly sizeBytes: number,
  ) {}

  /**
   * Writes the body of an answer to disk, decompressed.
   *
   * @param maxBytes  of the file.
   * @throws OutboundTooLargeError, OutboundError, ScannerAnswerError, ReportNotStoredError
   */
  static async receive(answer: OutboundResponse, directory: string, maxBytes: number): Promise<ReportFile> {
    let handle: FileHandle;
    try {
      handle = await openNameless(directory);
    } catch (cause) {
      answer.body.destroy();
      throw new ReportNotStoredError({ cause });
    }
    try {
      const sizeBytes = await write(answer, handle, maxBytes);
      return new ReportFile(handle, sizeBytes);
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /** The report from its beginning; as often as wanted, until it is disposed of. */
  stream(): Readable {
    return readFrom(this.handle);
  }

  async dispose(): Promise<void> {
    await this.handle.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.dispose();
  }
}

async function openNameless(directory: string): Promise<FileHandle> {
  const path = join(directory, `breakwater-report-${randomUUID()}`);
  const handle = await open(path, 'wx+', 0o600);
  await unlink(path);
  return handle;
}

async function write(answer: OutboundResponse, handle: FileHandle, maxBytes: number): Promise<number> {
  const counter = new ByteCounter(() => new OutboundTooLargeError(answer.url.host, maxBytes), maxBytes);
  try {
    await pipeline([answer.body, ...decoders(answer), counter, writeTo(handle)]);
    return counter.bytes;
  } catch (error) {
    if (error instanceof OutboundError || error instanceof ScannerAnswerError) throw error;
    if (isDecodingError(error)) throw new ScannerAnswerError('report', 'its compression is broken', { cause: error });
    throw new ReportNotStoredError({ cause: error });
  }
}

// Streams of our own: those of a FileHandle close it, or keep it from being closed.
function writeTo(handle: FileHandle): Writable {
  return new Writable({
    write: (chunk: Buffer, _encoding, callback) => {
      handle.appendFile(chunk).then(() => callback(), callback);
    },
  });
}

function readFrom(handle: FileHandle): Readable {
  let position = 0;
  return new Readable({
    highWaterMark: PIECE_BYTES,
    read() {
      handle.read(Buffer.allocUnsafe(PIECE_BYTES), 0, PIECE_BYTES, position).then(
        ({ bytesRead, buffer }) => {
          position += bytesRead;
          this.push(bytesRead === 0 ? null : buffer.subarray(0, bytesRead));
        },
        (error: Error) => this.destroy(error),
      );
    },
  });
}

const PIECE_BYTES = 256 * 1024;

/** Counted behind the decompressor, so a small answer that becomes a huge report ends at the same limit. */
class ByteCounter extends Transform {
  bytes = 0;
  constructor(
    private readonly tooLarge: () => Error,
    private readonly maxBytes: number,
  ) {
    super();
  }

  override _transform(chunk: Buffer, _encoding: string, callback: (error: Error | null, chunk?: Buffer) => void): void {
    this.bytes += chunk.length;
    if (this.bytes > this.maxBytes) callback(this.tooLarge());
    else callback(null, chunk);
  }
}

/** What we said we take (see `ACCEPT_ENCODING`), and some send unasked. */
function decoders({ headers, body }: OutboundResponse): Transform[] {
  const coding = (headers['content-encoding'] ?? 'identity').trim().toLowerCase();
  if (coding === 'identity' || coding === '') return [];
  if (coding === 'gzip' || coding === 'x-gzip') return [createGunzip()];
  if (coding === 'deflate') return [createInflate()];
  body.destroy();
  throw new ScannerAnswerError('report', 'it is compressed in a way that was not asked for');
}

function isDecodingError(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' && (code.startsWith('Z_') || code === 'ERR_BUFFER_TOO_LARGE');
}

export const ACCEPT_ENCODING = 'gzip, identity';
