import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Bytes of request bodies between two sweeps: a fraction of V8's own limit of 64 MiB for memory outside its heap. */
const SWEEP_EVERY_BYTES = 16 * 2 ** 20;

/**
 * Frees the buffers that request bodies arrive in.
 *
 * Node gives every piece of a body a buffer of its own, 64 KiB outside of V8's heap behind an object of a few bytes in
 * it. V8 sees little garbage in the heap and much memory outside, and marks the whole heap again and again, on every
 * core: measured, a third to a half of all CPU of a push. The buffers die young, so a minor collection (under 1 ms)
 * every so many bytes frees them all, and V8 never gets to its limit. See docs/adr/0004.
 */
export class YoungBuffers {
  private arrivedBytes = 0;

  constructor(private readonly collect: (options: { readonly type: 'minor' }) => void = exposedCollector()) {}

  arrived(bytes: number): void {
    this.arrivedBytes += bytes;
    if (this.arrivedBytes < SWEEP_EVERY_BYTES) return;
    this.arrivedBytes = 0;
    this.collect({ type: 'minor' });
  }
}

function exposedCollector(): (options: { readonly type: 'minor' }) => void {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as (options: { readonly type: 'minor' }) => void;
}
