import { Worker } from 'node:worker_threads';
import type { HashCommand, HashReply } from './hash-messages.js';

type Settle = (reply: HashReply | null) => void;

/** One thread that hashes. It keeps the process alive only while somebody waits for a reply. */
export class HashThread {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Settle>();
  #lastRequest = 0;
  #isDead = false;
  /** Sessions whose state lies here. */
  sessions = 0;

  constructor() {
    // Beside this file, with this file's own suffix: .js when built, .ts under test, where Node strips the types.
    const suffix = import.meta.url.slice(import.meta.url.lastIndexOf('.'));
    this.#worker = new Worker(new URL(`./hash-worker${suffix}`, import.meta.url), {
      name: 'hash',
      // A thread holds hash states and a buffer at a time, and nothing that would need the usual heap.
      resourceLimits: { maxYoungGenerationSizeMb: 2, maxOldGenerationSizeMb: 32 },
    });
    this.#worker.unref();
    this.#worker.on('message', (reply: HashReply) => this.#settle(reply));
    // A thread that dies takes its states along. Those who wait are told, and read again what they have stored.
    this.#worker.on('error', () => this.#die());
    this.#worker.on('exit', () => this.#die());
  }

  get isDead(): boolean {
    return this.#isDead;
  }

  /** Replies that are still to come. */
  get load(): number {
    return this.#waiting.size;
  }

  /** For commands without a reply. */
  tell(command: HashCommand): void {
    if (!this.#isDead) this.#worker.postMessage(command);
  }

  /** @returns the reply; null if the thread is dead or dies. */
  ask(command: (request: number) => HashCommand, transfer: readonly ArrayBuffer[]): Promise<HashReply | null> {
    if (this.#isDead) return Promise.resolve(null);
    const request = ++this.#lastRequest;
    if (this.#waiting.size === 0) this.#worker.ref();
    return new Promise((resolve) => {
      this.#waiting.set(request, resolve);
      this.#worker.postMessage(command(request), transfer);
    });
  }

  async end(): Promise<void> {
    this.#die();
    await this.#worker.terminate();
  }

  #settle(reply: HashReply): void {
    const settle = this.#waiting.get(reply.request);
    this.#waiting.delete(reply.request);
    if (this.#waiting.size === 0) this.#worker.unref();
    settle?.(reply);
  }

  #die(): void {
    this.#isDead = true;
    for (const settle of this.#waiting.values()) settle(null);
    this.#waiting.clear();
  }
}
