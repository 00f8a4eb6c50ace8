import { OutboundAbortedError, OutboundError } from '@breakwater/outbound';
import { ScannerCircuitOpenError, ScannerUnavailableError } from './scanner.errors.js';

/** The way to the adapter is broken, or it is not well; a moment later it may be. */
export function isTransient(error: unknown): boolean {
  if (error instanceof OutboundAbortedError) return false;
  if (error instanceof OutboundError) return error.isRetryable;
  return error instanceof ScannerUnavailableError || error instanceof ScannerCircuitOpenError;
}

/** Whether an error speaks against the adapter itself. Being busy is not being unwell. */
export function speaksAgainst(error: unknown): boolean {
  return isTransient(error) && !(error instanceof ScannerUnavailableError && error.status === 429);
}

/** Seconds after which it is worth trying again, as far as anybody said. */
export function findRetryHint(error: unknown): number | null {
  const isSaying = error instanceof ScannerUnavailableError || error instanceof ScannerCircuitOpenError;
  return isSaying ? error.retryAfterSeconds : null;
}
