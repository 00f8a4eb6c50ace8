import type { ByteRange } from '@breakwater/oci';
import type { Readable } from 'node:stream';

/** An upload that its principal may go on with, on any replica. */
export interface UploadSession {
  /** UUID. */
  readonly id: string;
  /** Bytes that are durable: where the next chunk has to start. */
  readonly receivedBytes: number;
}

/** Bytes on their way in. */
export interface UploadBody {
  readonly body: Readable;
  /** The client is gone. What arrived until then is kept, where it can be resumed. */
  readonly signal: AbortSignal;
  /** The request's `Content-Length`, when it has one: the storage sizes its parts by it. Not believed otherwise. */
  readonly contentLength?: number;
}

/** Bytes to put at the end of an upload. */
export interface UploadChunk extends UploadBody {
  /** Of a `Content-Range`; null appends whatever comes. */
  readonly range: ByteRange | null;
}
