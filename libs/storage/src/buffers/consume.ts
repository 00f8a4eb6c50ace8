import { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import type { AbortReason } from '../storage.errors.js';
import { releaseMemory } from './release-memory.js';

export interface ConsumeLimits {
  readonly maxBytes?: number;
  readonly idleTimeoutMs?: number;
  readonly signal?: AbortSignal;
  /** Nobody else keeps the chunks. Left out: the source says so itself (see `GivesChunksAway`). */
  readonly ownsChunks?: boolean;
}

export interface Consumed {
  readonly ending: 'complete' | 'too-large' | AbortReason;
  readonly cause?: unknown;
}

/**
 * Reads `source` to its end, chunk by chunk, pausing it while `accept` has promised rather than returned.
 * Of `maxBytes + 1` bytes the chunk that exceeds is not accepted.
 *
 * Data events and not async iteration: at 64 KiB a chunk an iterator's promises cost more than our own work. A source
 * that broke off or was left early is paused, not destroyed: a request still wants its answer.
 *
 * @throws what `accept` throws. How the source itself ends is a value.
 */
export function consume(
  source: Readable | AsyncIterable<Uint8Array>,
  accept: (chunk: Uint8Array) => Promise<void> | undefined,
  limits: ConsumeLimits,
): Promise<Consumed> {
  const { maxBytes = Infinity, idleTimeoutMs, signal, ownsChunks = givesChunksAway(source) } = limits;
  const release = ownsChunks ? releaseMemory : (): void => undefined;
  const readable = source instanceof Readable ? source : Readable.from(source);
  return new Promise((resolve, reject) => {
    let takenBytes = 0;
    let isWaiting = false;
    let outcome: Consumed | null = null;

    const timer = idleTimeoutMs === undefined ? null : setTimeout(onIdle, idleTimeoutMs);
    readable.on('data', onData).on('end', onEnd).on('error', onError).on('close', onClose);
    signal?.addEventListener('abort', onAbort);
    if (signal?.aborted) onAbort();
    else if (readable.readableEnded) onEnd();
    else if (readable.destroyed) onClose();

    function onData(chunk: Uint8Array): void {
      takenBytes += chunk.length;
      if (takenBytes > maxBytes) return end({ ending: 'too-large' });
      timer?.refresh();
      const wait = accept(chunk);
      if (!wait) return release(chunk);
      isWaiting = true;
      readable.pause();
      wait.then(
        () => {
          release(chunk);
          onRoom();
        },
        (error: Error) => leave(() => reject(error)),
      );
    }
    function onRoom(): void {
      isWaiting = false;
      timer?.refresh();
      if (outcome) end(outcome);
      else readable.resume();
    }
    function onEnd(): void {
      end({ ending: 'complete' });
    }
    function onError(cause: unknown): void {
      end({ ending: 'disconnected', cause });
    }
    function onClose(): void {
      end({ ending: 'disconnected', cause: readable.errored ?? undefined });
    }
    function onIdle(): void {
      // While we are the ones who wait, the client is not to blame.
      if (isWaiting) timer?.refresh();
      else end({ ending: 'idle' });
    }
    function onAbort(): void {
      end({ ending: 'cancelled', cause: signal?.reason });
    }
    /** The first ending counts. A chunk that is still being accepted is waited for: the caller goes on to flush. */
    function end(consumed: Consumed): void {
      const first = (outcome ??= consumed);
      if (!isWaiting) leave(() => resolve(first));
    }
    function leave(settle: () => void): void {
      if (timer) clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      readable.off('data', onData).off('end', onEnd).off('error', onError).off('close', onClose);
      readable.pause();
      // What still goes wrong with a source that we have left is nobody's news, and must not end the process.
      readable.on('error', () => undefined);
      if (readable !== source) readable.destroy();
      settle();
    }
  });
}

function givesChunksAway(source: object): boolean {
  if (source instanceof IncomingMessage) return true;
  return 'givesChunksAway' in source && source.givesChunksAway === true;
}
