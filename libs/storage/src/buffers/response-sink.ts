import type { Writable } from 'node:stream';
import { ClientAbortedError } from '../storage.errors.js';

/**
 * Writes to a response one buffer at a time and says when the memory is free again.
 *
 * A response that goes away does not call back for what it still had, so `close` is listened to once for the whole
 * transfer: a Promise.race for each buffer would pile up on the one promise that it races against.
 */
export class ResponseSink {
  #writtenBytes = 0;
  #sentBytes = 0;
  #gone: ClientAbortedError | null = null;
  #reject: ((error: ClientAbortedError) => void) | null = null;

  constructor(
    private readonly response: Writable,
    private readonly signal?: AbortSignal,
  ) {
    response.on('close', this.#onClose).on('error', this.#onError);
    signal?.addEventListener('abort', this.#onAbort);
    if (response.destroyed) this.#onClose();
    if (signal?.aborted) this.#onAbort();
  }

  /** Bytes of the body that are with the system. */
  get sentBytes(): number {
    return this.#sentBytes;
  }

  /** Bytes that went to the system past the response. */
  sentPast(count: number): void {
    this.#sentBytes += count;
  }

  /** Resolves when the bytes are with the system. After a rejection the memory may still be in use: forget it. */
  async write(bytes: Uint8Array): Promise<void> {
    this.#writtenBytes += bytes.length;
    await this.#attempt((done) => this.response.write(bytes, done));
    this.#sentBytes += bytes.length;
  }

  /** Ends the response, with its last bytes if there are any, and waits until all of it is with the system. */
  async end(bytes?: Uint8Array): Promise<void> {
    this.#writtenBytes += bytes?.length ?? 0;
    await this.#attempt((done) => (bytes ? this.response.end(bytes, done) : this.response.end(done)));
    this.#sentBytes += bytes?.length ?? 0;
    this.#leave();
  }

  /** Breaks the connection off, so that the client sees that something is missing. */
  abandon(): void {
    this.#leave();
    // An answer of which nothing is sent yet can still become an error message.
    const isUntouched = this.#writtenBytes === 0 && 'headersSent' in this.response && !this.response.headersSent;
    if (isUntouched) return;
    this.response.on('error', () => undefined);
    this.response.destroy();
  }

  #attempt(start: (done: (error?: Error | null) => void) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#gone) return reject(this.#gone);
      this.#reject = reject;
      start((error) => {
        this.#reject = null;
        if (error) reject(new ClientAbortedError('disconnected', null, { cause: error }));
        else resolve();
      });
    });
  }

  readonly #onClose = (): void => this.#lose(new ClientAbortedError('disconnected', null));
  readonly #onError = (cause: unknown): void => this.#lose(new ClientAbortedError('disconnected', null, { cause }));
  readonly #onAbort = (): void => this.#lose(new ClientAbortedError('cancelled', null, { cause: this.signal?.reason }));

  #lose(error: ClientAbortedError): void {
    this.#gone ??= error;
    this.#reject?.(this.#gone);
    this.#reject = null;
  }

  #leave(): void {
    this.response.off('close', this.#onClose).off('error', this.#onError);
    this.signal?.removeEventListener('abort', this.#onAbort);
  }
}
