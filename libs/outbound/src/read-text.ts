import type { Readable } from 'node:stream';

/**
 * Reads a body as text, up to so many bytes: the rest is not read, and its connection closed.
 *
 * @throws OutboundError  as the body does.
 */
export async function readText(body: Readable, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    sizeBytes += chunk.length;
    // Leaving the loop destroys the body.
    if (sizeBytes >= maxBytes) break;
  }
  return Buffer.concat(chunks).subarray(0, maxBytes).toString('utf8');
}
