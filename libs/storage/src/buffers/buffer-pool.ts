import { releaseMemory } from './release-memory.js';

const MIB = 2 ** 20;

export interface BufferPoolOptions {
  /** Idle buffers beyond this are freed. */
  readonly maxIdleBytes?: number;
  /** From here on the pool calls itself crowded, and keeps no idle buffer. */
  readonly crowdedBytes?: number;
}

/**
 * Reused buffers for bytes on their way. Each owns its whole ArrayBuffer, so that it can be handed to a thread.
 *
 * The pool never makes anybody wait: waiting for a buffer while holding another is how such pools deadlock. It says
 * when it is crowded, and transfers then make do with small buffers.
 */
export class BufferPool {
  readonly #idle = new Map<number, Buffer[]>();
  readonly #maxIdleBytes: number;
  readonly #crowdedBytes: number;
  #idleBytes = 0;
  #usedBytes = 0;

  constructor({ maxIdleBytes = 48 * MIB, crowdedBytes = 96 * MIB }: BufferPoolOptions = {}) {
    this.#maxIdleBytes = maxIdleBytes;
    this.#crowdedBytes = crowdedBytes;
  }

  /** @returns memory with arbitrary content. Give it back, or forget it. */
  take(sizeBytes: number): Buffer {
    this.#usedBytes += sizeBytes;
    const buffer = this.#idle.get(sizeBytes)?.pop();
    if (!buffer) return Buffer.allocUnsafeSlow(sizeBytes);
    this.#idleBytes -= sizeBytes;
    return buffer;
  }

  /** Only when nobody, thread, disk or socket, can still look at the memory. */
  give(buffer: Buffer): void {
    this.forget(buffer.length);
    const idleBytes = this.#idleBytes + buffer.length;
    // What is in use and what waits for use share one bound: large parts under way leave no room for idle memory.
    if (idleBytes > this.#maxIdleBytes || idleBytes + this.#usedBytes > this.#crowdedBytes)
      return releaseMemory(buffer);
    this.#idleBytes = idleBytes;
    const idle = this.#idle.get(buffer.length);
    if (idle) idle.push(buffer);
    else this.#idle.set(buffer.length, [buffer]);
  }

  /** For memory that cannot come back, because something that we no longer control may still read it. */
  forget(sizeBytes: number): void {
    this.#usedBytes -= sizeBytes;
  }

  get usedBytes(): number {
    return this.#usedBytes;
  }

  get isCrowded(): boolean {
    return this.#usedBytes > this.#crowdedBytes;
  }
}
