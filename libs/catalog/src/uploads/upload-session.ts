import type { ByteRange } from '@breakwater/oci';
import type { Readable } from 'node:stream';

/** An upload that its principal may go on with, on any replica. */
export interface UploadSession {
  /** UUID. */
  readonly id: string;
  /** Bytes that are durable: where the next chunk has to start. */
  readonly receivedBytes: number;
}

/** Bytes to put at the end of an upload. */
export interface UploadChunk {
  readonly body: Readable;
  /** Of a `Content-Range`; null appends whatever comes. */
  readonly range: ByteRange | null;
  /** The client is gone. What arrived until then is kept. */
  readonly signal: AbortSignal;
}
