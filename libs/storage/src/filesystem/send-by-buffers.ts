import type { ByteRange } from '@breakwater/oci';
import type { BufferPool } from '../buffers/buffer-pool.js';
import { LARGE_BUFFER_BYTES, SMALLEST_BUFFER_BYTES, nextBufferSize } from '../buffers/buffer-sizes.js';
import type { ResponseSink } from '../buffers/response-sink.js';
import type { OpenFile } from './open-file.js';

/** A buffer that is sent faster than this may be larger next time; one slower than SLOW_MS smaller. */
const FAST_MS = 100;
const SLOW_MS = 1000;

/** Reads ahead into one buffer while the other is on its way out; both come from the pool and go back. */
export async function sendByBuffers(
  file: OpenFile,
  range: ByteRange,
  { sink, pool }: { readonly sink: ResponseSink; readonly pool: BufferPool },
): Promise<void> {
  let sizeBytes = SMALLEST_BUFFER_BYTES;
  let position = range.start;
  const readAhead = (): Ahead | null => {
    if (position === range.end) return null;
    const memory = pool.take(pool.isCrowded ? SMALLEST_BUFFER_BYTES : sizeBytes);
    const bytes = memory.subarray(0, Math.min(memory.length, range.end - position));
    const filled = file.fill(bytes, position);
    // It is waited for below; but should the socket fail before, a rejection must not end the process.
    filled.catch(() => undefined);
    position += bytes.length;
    return { memory, bytes, filled };
  };

  let next = readAhead();
  while (next) {
    const current = next;
    next = null;
    try {
      await current.filled;
      next = readAhead();
      const startedAt = Date.now();
      await sink.write(current.bytes);
      const tookMs = Date.now() - startedAt;
      if (tookMs < FAST_MS) sizeBytes = nextBufferSize(sizeBytes, LARGE_BUFFER_BYTES);
      else if (tookMs > SLOW_MS) sizeBytes = SMALLEST_BUFFER_BYTES;
      pool.give(current.memory);
    } catch (error) {
      pool.forget(current.memory.length);
      if (next) pool.forget(next.memory.length);
      await next?.filled.catch(() => undefined);
      throw error;
    }
  }
}

interface Ahead {
  readonly memory: Buffer;
  readonly bytes: Buffer;
  readonly filled: Promise<void>;
}
