import {
  OutboundAbortedError,
  OutboundError,
  OutboundTimeoutError,
  OutboundUnreachableError,
} from '@breakwater/outbound';
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

/**
 * Nobody is there, or it says itself that it takes nothing now: whatever it was asked, it has done nothing. Other errors
 * may be those of one scan.
 */
export function isScannerAway(error: unknown): boolean {
  if (error instanceof ScannerUnavailableError) return error.status === 429 || error.status === 503;
  if (error instanceof OutboundTimeoutError) return error.phase === 'connect';
  return error instanceof ScannerCircuitOpenError || error instanceof OutboundUnreachableError;
}

/** Seconds after which it is worth trying again, as far as anybody said. */
export function findRetryHint(error: unknown): number | null {
  const isSaying = error instanceof ScannerUnavailableError || error instanceof ScannerCircuitOpenError;
  return isSaying ? error.retryAfterSeconds : null;
}
