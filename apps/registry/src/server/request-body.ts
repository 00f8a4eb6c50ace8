import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { ClientGoneError, SilentClientError } from './client.errors.js';

/** Does the head of this request announce a body? `Content-Length: 0` does not. */
export function announcesBody(request: IncomingMessage): boolean {
  const length = request.headers['content-length'];
  return request.headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0');
}

export interface RequestBodyOptions {
  /** A client that sends nothing for this long while we wait for its bytes is gone. */
  readonly idleTimeoutMs: number;
  /** The client asked `Expect: 100-continue` and still waits for the word. */
  readonly awaitsContinue?: boolean;
  readonly onBytes?: (count: number) => void;
}

/**
 * A request's body as use cases read it, apart from the request itself: destroying it (what `pipeline` and
 * `for await` do when they fail) leaves the socket alone, so the refusal can still be sent.
 *
 * - `100 Continue` goes out when the body is first wanted, never before.
 * - Back-pressure reaches the client's socket.
 * - It fails with ClientGoneError when the client hangs up half-way and with SilentClientError when it stops
 *   sending while being waited for; a slow client that keeps sending is welcome for as long as it takes.
 */
export class RequestBody extends Readable {
  /** Its chunks belong to whoever reads it: the storage frees them as it copies them. */
  readonly givesChunksAway = true;
  private isStarted = false;
  private hasEnded = false;
  private idle: NodeJS.Timeout | null = null;

  constructor(
    private readonly request: IncomingMessage,
    private readonly response: ServerResponse,
    private readonly options: RequestBodyOptions,
  ) {
    super({ highWaterMark: HIGH_WATER_BYTES });
    // Who reads is told by its pipeline or its loop; a failure after it lost interest must not end the process.
    this.on('error', () => undefined);
  }

  /** Whether the client was told to send it, or did so unasked. */
  get wasRead(): boolean {
    return this.isStarted;
  }

  override _read(): void {
    if (!this.isStarted) this.start();
    if (this.request.isPaused()) this.waitForBytes();
    this.request.resume();
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.stopWaiting();
    if (this.isStarted) this.detach();
    callback(error);
  }

  private start(): void {
    this.isStarted = true;
    if (this.options.awaitsContinue === true) this.response.writeContinue();
    this.request.on('data', this.onData).on('end', this.onEnd).on('close', this.onClose).on('error', this.onClose);
    if (this.request.destroyed && !this.request.complete) this.onClose();
    else this.waitForBytes();
  }

  private detach(): void {
    this.request.off('data', this.onData).off('end', this.onEnd).off('close', this.onClose);
    // The 'error' listener stays: a reset after we lost interest is nobody's error.
    // Whoever reads the rest away may have begun already.
    if (!this.hasEnded && this.request.listenerCount('data') === 0) this.request.pause();
  }

  private readonly onData = (chunk: Buffer): void => {
    this.options.onBytes?.(chunk.length);
    if (this.push(chunk)) {
      this.idle?.refresh();
    } else {
      // Now the client waits for us, which is no silence of its own.
      this.request.pause();
      this.stopWaiting();
    }
  };

  private readonly onEnd = (): void => {
    this.hasEnded = true;
    this.stopWaiting();
    this.push(null);
  };

  private readonly onClose = (): void => {
    if (!this.hasEnded) this.destroy(new ClientGoneError());
  };

  private waitForBytes(): void {
    this.idle ??= setTimeout(() => this.destroy(new SilentClientError()), this.options.idleTimeoutMs).unref();
  }

  private stopWaiting(): void {
    if (this.idle !== null) clearTimeout(this.idle);
    this.idle = null;
  }
}

/** Two socket reads: enough to keep the reader busy, little enough for thousands of uploads. */
const HIGH_WATER_BYTES = 128 * 1024;
