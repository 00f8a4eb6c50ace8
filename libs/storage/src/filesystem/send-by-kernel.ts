import type { ByteRange } from '@breakwater/oci';
import type { BufferPool } from '../buffers/buffer-pool.js';
import { SMALLEST_BUFFER_BYTES } from '../buffers/buffer-sizes.js';
import type { ResponseSink } from '../buffers/response-sink.js';
import type { OpenFile } from './open-file.js';
import type { Sendfile } from './sendfile.js';

/** Of one call: more than a socket has room for, and not so much that a cold disk keeps a thread of libuv for long. */
const MOST_BYTES = 4 * 2 ** 20;
/** So many times no byte, and none before: this file, or this socket, is not for sendfile. */
const MOST_REFUSALS = 8;

/**
 * Sends a file from the page cache to the socket without a byte in our memory: two thirds of the CPU time of
 * `sendByBuffers` (docs/adr/0006).
 *
 * By turns: 64 KiB through Node, then as much as the socket has room for past it. Node's turn is what waits for room,
 * keeps its idle timer going, and says what is wrong with the socket or the file; the kernel's turn never waits and
 * never explains. The two never overlap, so the order of the bytes is certain.
 *
 * The race that is closed here: while a thread sends, Node may close the socket, and the number of its descriptor may
 * become another client's. What the thread holds is a duplicate, closed only after it is done.
 *
 * @param socket  descriptor under the sink, see `findSocketDescriptor`. Read in the same tick: it is good no longer.
 * @returns how far it came: the range's end, or less where the kernel refuses and `sendByBuffers` has to go on.
 */
export async function sendByKernel(
  file: OpenFile,
  range: ByteRange,
  { socket, sendfile, sink, pool }: KernelSending,
): Promise<number> {
  const own = sendfile.duplicate(socket);
  if (own < 0) return range.start;
  const memory = pool.take(SMALLEST_BUFFER_BYTES);
  let position = range.start;
  let refusals = 0;
  try {
    while (position < range.end && refusals < MOST_REFUSALS) {
      const bytes = memory.subarray(0, Math.min(memory.length, range.end - position));
      await file.fill(bytes, position);
      await sink.write(bytes);
      position += bytes.length;
      if (position === range.end) break;
      const sent = await sendfile.send(own, file.descriptor, position, Math.min(MOST_BYTES, range.end - position));
      if (sent > 0) {
        sink.sentPast(sent);
        position += sent;
        refusals = Number.NEGATIVE_INFINITY;
      } else refusals += 1;
    }
    pool.give(memory);
    return position;
  } catch (error) {
    // Node may still hold it for a write that failed.
    pool.forget(memory.length);
    throw error;
  } finally {
    sendfile.close(own);
  }
}

export interface KernelSending {
  readonly socket: number;
  readonly sendfile: Sendfile;
  readonly sink: ResponseSink;
  readonly pool: BufferPool;
}
