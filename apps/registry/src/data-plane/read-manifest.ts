import { MAX_MANIFEST_BYTES, ManifestTooLargeError } from '@breakwater/oci';
import type { Exchange } from './exchange.js';

/**
 * Reads the body of a manifest push, which may come chunked and without a length.
 *
 * @throws ManifestTooLargeError  by the announced length before a byte is read, or as soon as there are too many.
 */
export async function readManifest(exchange: Exchange): Promise<Buffer> {
  const announced = Number(exchange.request.headers['content-length'] ?? 0);
  if (announced > MAX_MANIFEST_BYTES) throw new ManifestTooLargeError(announced);
  if (!exchange.hasBody) return Buffer.alloc(0);
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of exchange.body() as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MAX_MANIFEST_BYTES) throw new ManifestTooLargeError(length);
    chunks.push(chunk);
  }
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks, length);
}
