import { ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { BlobSink } from '../blob-store.js';

/**
 * Descriptor of the socket under `response`, where bytes put into it by the kernel are the body as it is: no chunked
 * coding and no TLS between them, and the head on its way before them.
 *
 * @returns null where they would not be.
 */
export function findSocketDescriptor(response: BlobSink): number | null {
  if (!(response instanceof ServerResponse)) return null;
  if (!response.headersSent || response.chunkedEncoding) return null;
  const { socket } = response;
  if (!(socket instanceof Socket) || socket instanceof TLSSocket || socket.destroyed) return null;
  const descriptor = (socket as Handled)._handle?.fd;
  return typeof descriptor === 'number' && descriptor >= 0 ? descriptor : null;
}

/** Node keeps the descriptor where libraries such as cluster's have read it since its first versions. */
interface Handled {
  readonly _handle?: { readonly fd?: number } | null;
}
