import type { BufferPool } from './buffer-pool.js';
import { SMALLEST_BUFFER_BYTES, nextBufferSize } from './buffer-sizes.js';

export interface GathererOptions {
  readonly pool: BufferPool;
  /** Most bytes of one hand-over. */
  readonly unitBytes: number;
  /** Buffers handed over and not back yet, beside the one being filled. */
  readonly maxInFlight: number;
  /** Whether less than a unit may be handed over before the end. */
  readonly isDividable: boolean;
  /** Called in order of the bytes. @returns the same memory, once nobody needs it. */
  readonly handOver: (memory: Buffer, lengthBytes: number) => Promise<Buffer>;
}

/** A buffer that takes longer than this to fill is too large for its client. */
const SLOW_MS = 1000;

/**
 * Gathers the chunks of a socket into large pooled buffers and hands these over while the next one fills.
 *
 * A full buffer is handed over only when another byte comes, so that what fits one unit stays with `takeRest`.
 * Buffers begin small and grow with their content, so that a thousand slow clients hold little.
 */
export class Gatherer {
  #memory: Buffer | null = null;
  #filledBytes = 0;
  #startedAt = 0;
  #startBytes: number;
  #inFlight = 0;
  #failure: { readonly error: unknown } | null = null;
  #wake: (() => void) | null = null;

  constructor(private readonly options: GathererOptions) {
    this.#startBytes = Math.min(SMALLEST_BUFFER_BYTES, options.unitBytes);
  }

  /**
   * Copies `chunk`. At once when there is room (the common case), else a promise to wait for before the next chunk.
   * Rejects when an earlier hand-over failed.
   */
  accept(chunk: Uint8Array, from = 0): Promise<void> | undefined {
    if (this.#failure) return this.settle();
    let offset = from;
    while (offset < chunk.length) {
      if (this.#memory === null && this.#mustWaitToStart())
        return this.#oneBack().then(() => this.accept(chunk, offset));
      const memory = (this.#memory ??= this.#start());
      if (this.#filledBytes === memory.length) {
        if (this.#shouldGrow(memory.length)) this.#grow(memory);
        else if (this.#inFlight < this.#maxInFlight()) this.#handOver();
        else return this.#oneBack().then(() => this.accept(chunk, offset));
        continue;
      }
      const count = Math.min(chunk.length - offset, memory.length - this.#filledBytes);
      memory.set(count === chunk.length ? chunk : chunk.subarray(offset, offset + count), this.#filledBytes);
      this.#filledBytes += count;
      offset += count;
    }
    return undefined;
  }

  /** Hands over what is left and waits until everything is back. @throws what a hand-over threw first. */
  async flush(): Promise<void> {
    if (this.#memory) this.#handOver();
    await this.settle();
  }

  /** Waits for what is in flight. @throws what a hand-over threw first. */
  async settle(): Promise<void> {
    while (this.#inFlight > 0) await this.#oneBack();
    if (this.#failure) throw this.#failure.error;
  }

  /** The bytes not handed over. The memory is then the caller's to give back. */
  takeRest(): { readonly memory: Buffer; readonly lengthBytes: number } | null {
    if (!this.#memory) return null;
    const rest = { memory: this.#memory, lengthBytes: this.#filledBytes };
    this.#memory = null;
    return rest;
  }

  #start(): Buffer {
    this.#filledBytes = 0;
    this.#startedAt = Date.now();
    return this.options.pool.take(this.options.pool.isCrowded ? this.#smallest() : this.#startBytes);
  }

  /** Where units are large and whole, as parts of S3 are, one more of them for each transfer is what fills the memory. */
  #mustWaitToStart(): boolean {
    return !this.options.isDividable && this.#inFlight > 0 && this.options.pool.isCrowded;
  }

  #shouldGrow(sizeBytes: number): boolean {
    if (sizeBytes === this.options.unitBytes) return false;
    return !this.options.isDividable || !(this.#isSlow() || this.options.pool.isCrowded);
  }

  #grow(memory: Buffer): void {
    const larger = this.options.pool.take(nextBufferSize(memory.length, this.options.unitBytes));
    memory.copy(larger);
    this.options.pool.give(memory);
    this.#memory = larger;
  }

  #handOver(): void {
    const full = this.takeRest();
    if (!full) return;
    // Now, because memory that is moved to a thread has no size until it comes back.
    const sizeBytes = full.memory.length;
    this.#startBytes = this.#isSlow() ? this.#smallest() : sizeBytes;
    this.#inFlight += 1;
    // Handled here and not where it is waited for: a rejection nobody waits for yet would end the process.
    this.options.handOver(full.memory, full.lengthBytes).then(
      (back) => this.#returned(() => this.options.pool.give(back)),
      (error: unknown) =>
        this.#returned(() => {
          this.#failure ??= { error };
          this.options.pool.forget(sizeBytes);
        }),
    );
  }

  #returned(settle: () => void): void {
    settle();
    this.#inFlight -= 1;
    this.#wake?.();
    this.#wake = null;
  }

  /** There is one waiter at most: chunks come one after the other. */
  #oneBack(): Promise<void> {
    return new Promise((resolve) => (this.#wake = resolve));
  }

  #maxInFlight(): number {
    return this.options.pool.isCrowded ? 1 : this.options.maxInFlight;
  }

  #isSlow(): boolean {
    return Date.now() - this.#startedAt > SLOW_MS;
  }

  #smallest(): number {
    return Math.min(SMALLEST_BUFFER_BYTES, this.options.unitBytes);
  }
}
