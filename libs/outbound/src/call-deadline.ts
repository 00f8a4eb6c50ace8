import { OutboundAbortedError, OutboundTimeoutError } from './outbound.errors.js';

/** The end of a call: the deadline, or the caller's own signal, whichever comes first. */
export class CallDeadline {
  private readonly controller = new AbortController();
  private readonly timer: NodeJS.Timeout;
  readonly signal = this.controller.signal;

  constructor(
    private readonly host: string,
    deadlineMs: number,
    private readonly callers: AbortSignal | undefined,
  ) {
    this.timer = setTimeout(
      () => this.controller.abort(new OutboundTimeoutError(host, 'deadline', deadlineMs)),
      deadlineMs,
    );
    // The caller waits for us, and keeps the process alive if that is wanted.
    this.timer.unref();
    if (callers?.aborted) this.onAbort();
    else callers?.addEventListener('abort', this.onAbort, { once: true });
  }

  /** Why the call was ended; null: it was not. */
  get reason(): OutboundAbortedError | OutboundTimeoutError | null {
    return this.signal.aborted ? (this.signal.reason as OutboundAbortedError | OutboundTimeoutError) : null;
  }

  /** The call is over: nothing is watched any more. */
  release(): void {
    clearTimeout(this.timer);
    this.callers?.removeEventListener('abort', this.onAbort);
  }

  private readonly onAbort = (): void =>
    this.controller.abort(new OutboundAbortedError(this.host, { cause: this.callers?.reason }));
}
