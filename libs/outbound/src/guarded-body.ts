import { Readable } from 'node:stream';
import type { OutboundError } from './outbound.errors.js';

export interface BodyGuard {
  readonly maxBytes: number;
  readonly tooLarge: () => OutboundError;
  readonly translate: (error: unknown) => OutboundError;
  /** Called once, whatever the end. */
  readonly onClosed: () => void;
}

/** The body of an answer: counted, its errors in our words, and its connection gone when the reader goes. */
export class GuardedBody extends Readable {
  private receivedBytes = 0;

  constructor(
    private readonly source: Readable,
    private readonly guard: BodyGuard,
  ) {
    super();
    // One that nobody reads yet must not end the process when its connection breaks; whoever reads it is told.
    this.on('error', () => undefined);
    source.on('data', (chunk: Buffer) => {
      this.receivedBytes += chunk.length;
      if (this.receivedBytes > guard.maxBytes) this.destroy(guard.tooLarge());
      else if (!this.push(chunk)) source.pause();
    });
    source.once('end', () => this.push(null));
    source.on('error', (error) => this.destroy(guard.translate(error)));
    // Destroyed from below without a word.
    source.once('close', () => {
      if (!source.readableEnded) this.destroy(guard.translate(source.errored));
    });
    source.pause();
  }

  override _read(): void {
    this.source.resume();
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.guard.onClosed();
    // A body that was not read to its end takes its connection along: the rest of it is nobody's.
    this.source.destroy();
    callback(error);
  }
}
