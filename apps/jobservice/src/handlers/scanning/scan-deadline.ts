import type { RunningTask } from '@breakwater/jobs';
import { AppError } from '@breakwater/errors';
import { isRetryableScanError } from '@breakwater/scanner-client';
import { ScannerSealedError } from '@breakwater/scanning';
import { ScanGivenUpError, ScanTimedOutError } from './scan.errors.js';

/**
 * Runs `work` with a signal that ends it when the task is stopped, or when the scan has taken as long as it may. The
 * time is counted from here: no answer of the adapter, however often it says "not yet", moves the end.
 *
 * @throws ScanTimedOutError
 */
export async function withinDeadline<T>(
  task: RunningTask,
  timeoutSeconds: number,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const timeout = AbortSignal.timeout(timeoutSeconds * 1000);
  try {
    return await work(AbortSignal.any([task.signal, timeout]));
  } catch (error) {
    if (timeout.aborted && !task.signal.aborted) throw new ScanTimedOutError(timeoutSeconds);
    throw error;
  }
}

/**
 * For the engine, which goes by an error's kind: what would only fail again (an address that is refused, a report that
 * is too large) is final, whatever its kind.
 *
 * @see scanner-spec §8.2
 */
export function finalError(error: unknown): unknown {
  // Only an operator can give back the key; until then every run would fail, and nobody would be told why.
  if (error instanceof ScannerSealedError) return new ScanGivenUpError(error);
  if (!(error instanceof AppError) || isRetryableScanError(error)) return error;
  return new ScanGivenUpError(error);
}
