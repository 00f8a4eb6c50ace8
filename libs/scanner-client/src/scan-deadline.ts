import { ScanTimeoutError } from './scanner.errors.js';

/**
 * Runs work that ends with the caller's signal or after a time, whichever comes first.
 *
 * @throws ScanTimeoutError  the time was over.
 * @throws the reason of the caller's signal.
 */
export async function withDeadline<T>(
  timeoutMs: number,
  callers: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(new ScanTimeoutError(timeoutMs / 1000)), timeoutMs);
  const signal = callers ? AbortSignal.any([callers, deadline.signal]) : deadline.signal;
  try {
    return await work(signal);
  } catch (error) {
    // Whatever the end looked like from the inside.
    if (signal.aborted) throw signal.reason;
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
