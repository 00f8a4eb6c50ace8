import type { ServerResponse } from 'node:http';
import { MediaType } from '@breakwater/oci';
import type { Behaviour } from './hosted-repository.js';

/** Sends a blob, in the way in which the repository is told to send its layers. */
export async function sendLayer(
  response: ServerResponse,
  bytes: Buffer,
  behaviour: Behaviour,
  isHead: boolean,
): Promise<void> {
  if (behaviour.hold && !isHead) await behaviour.hold;
  response.writeHead(200, { 'Content-Type': MediaType.OctetStream, 'Content-Length': bytes.length });
  if (isHead) response.end();
  else if (behaviour.isTrickling) trickle(response, bytes);
  else if (behaviour.isCutting) response.write(bytes.subarray(0, bytes.length >> 1), () => response.destroy());
  else response.end(behaviour.isCorrupting ? corrupted(bytes) : bytes);
}

/** A byte a second, and the last one never. */
function trickle(response: ServerResponse, bytes: Buffer): void {
  let sent = 1;
  response.write(bytes.subarray(0, sent));
  const timer = setInterval(() => {
    if (sent < bytes.length - 1) response.write(bytes.subarray(sent, ++sent));
  }, 1000);
  response.on('close', () => clearInterval(timer));
}

/** Another time of packing (RFC 1952, MTIME): it unpacks as before, and is not what its digest says. */
function corrupted(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  copy[4] = (copy[4] ?? 0) ^ 0xff;
  return copy;
}
