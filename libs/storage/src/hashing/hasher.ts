import type { DigestAlgorithm } from '@breakwater/oci';
import { createHash, type Hash } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { HashThread } from './hash-thread.js';

/** Up to here a hash costs less than the message that would ask another thread for it. */
const INLINE_BYTES = 64 * 1024;
const MOST_THREADS = 8;

export interface HasherOptions {
  /** One per core when left out, at least two and at most eight. Threads are started as they are needed. */
  readonly threads?: number;
}

/**
 * Hashes beside the I/O: a buffer that has been written is moved to a thread, hashed there and moved back, while the
 * event loop fills the next one. See docs/adr/0003 for what was measured.
 */
export class Hasher {
  readonly #threads: HashThread[] = [];
  readonly #mostThreads: number;
  #lastSession = 0;

  constructor(options: HasherOptions = {}) {
    this.#mostThreads = options.threads ?? Math.max(2, Math.min(availableParallelism(), MOST_THREADS));
  }

  open(algorithm: DigestAlgorithm): HashSession {
    return new HashSession(algorithm, ++this.#lastSession, () => this.#leastLoaded());
  }

  async close(): Promise<void> {
    await Promise.all(this.#threads.splice(0).map((thread) => thread.end()));
  }

  #leastLoaded(): HashThread {
    const alive = this.#threads.filter((thread) => !thread.isDead);
    this.#threads.splice(0, Infinity, ...alive);
    const least = alive.sort((a, b) => a.load - b.load || a.sessions - b.sessions)[0];
    const isBusy = !least || least.load > 0 || least.sessions > 0;
    if (least && (!isBusy || alive.length >= this.#mostThreads)) return least;
    const thread = new HashThread();
    this.#threads.push(thread);
    return thread;
  }
}

/** The hash of one stream of bytes. Small ones never leave this thread; others stay with one hash thread. */
export class HashSession {
  #inline: Hash | null;
  /** Copies of what was hashed inline, to begin again elsewhere: the state of a hash cannot be moved. */
  #prefix: Buffer[] = [];
  #hashedBytes = 0;
  #thread: HashThread | null = null;
  #isLost = false;

  constructor(
    readonly algorithm: DigestAlgorithm,
    private readonly id: number,
    private readonly assignThread: () => HashThread,
  ) {
    this.#inline = createHash(algorithm);
  }

  /** The thread died with the state. */
  get isLost(): boolean {
    return this.#isLost;
  }

  /** Bytes given to `update`. */
  get hashedBytes(): number {
    return this.#hashedBytes;
  }

  /**
   * Appends `memory[start, end)`. Calls take effect in their order, waited for or not. `memory` must own its whole
   * ArrayBuffer and is unusable until it comes back.
   *
   * @returns the memory, perhaps in another Buffer; new memory if a thread died with it. Never rejects.
   */
  async update(memory: Buffer, start: number, end: number): Promise<Buffer> {
    const isSmall = this.#inline !== null && this.#hashedBytes + end - start <= INLINE_BYTES;
    this.#hashedBytes += end - start;
    if (isSmall) {
      const bytes = memory.subarray(start, end);
      this.#inline?.update(bytes);
      this.#prefix.push(Buffer.from(bytes));
      return memory;
    }
    const sizeBytes = memory.length;
    const shared = memory.buffer as ArrayBuffer;
    const reply = await this.#onThread().ask(
      (request) => ({ do: 'update', session: this.id, request, memory: shared, start, end }),
      [shared],
    );
    if (reply && 'memory' in reply) return Buffer.from(reply.memory);
    this.#isLost = true;
    return Buffer.allocUnsafeSlow(sizeBytes);
  }

  /** Hex digest of all bytes so far; more may follow. Null when the state was lost. */
  async digest(): Promise<string | null> {
    if (this.#inline) return this.#inline.copy().digest('hex');
    const reply = await this.#onThread().ask((request) => ({ do: 'digest', session: this.id, request }), []);
    if (!reply || !('hex' in reply) || reply.hex === null) this.#isLost = true;
    return reply && 'hex' in reply && !this.#isLost ? reply.hex : null;
  }

  /** Must be called once, for the thread to forget the state. */
  drop(): void {
    if (!this.#thread) return;
    this.#thread.sessions -= 1;
    this.#thread.tell({ do: 'drop', session: this.id });
  }

  #onThread(): HashThread {
    if (this.#thread) return this.#thread;
    const thread = this.assignThread();
    thread.sessions += 1;
    thread.tell({ do: 'open', session: this.id, algorithm: this.algorithm, prefix: Buffer.concat(this.#prefix) });
    this.#thread = thread;
    this.#inline = null;
    this.#prefix = [];
    return thread;
  }
}
