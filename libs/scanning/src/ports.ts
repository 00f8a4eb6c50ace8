import type { ScannerMetadata } from '@breakwater/scanner-spec';
import type { ScannerEndpoint } from './registrations/registration.js';

/** The time, for what lives in memory. Rows are stamped by the database. */
export interface Clock {
  now(): Date;
  /** Milliseconds since any fixed moment; never goes back. */
  monotonicMs(): number;
}

export const systemClock: Clock = { now: () => new Date(), monotonicMs: () => performance.now() };

/** Secrets at rest: the key ring of the deployment (libs/config, `SecretBox`). */
export interface SecretSealer {
  /** @param purpose  the row that the secret belongs to: with it one row's secret cannot pass for another's. */
  seal(plain: string, purpose: string): string;
  /** @throws when the key that sealed it is no longer in the ring, the text was changed, or the purpose differs. */
  open(sealed: string, purpose: string): string;
}

/** Scanner adapters over HTTP (libs/scanner-client). */
export interface AdapterClient {
  /**
   * Whether we would call this address at all (libs/outbound).
   *
   * @throws AppError of kind `invalid` or `forbidden` that says why not.
   */
  checkAddress(url: string): Promise<void> | void;
  /** What the adapter says of itself. @throws AppError, with a detail that is safe to show. */
  metadata(endpoint: ScannerEndpoint): Promise<ScannerMetadata>;
}

/**
 * Tells the other processes that what they hold in memory is old. Called after the commit; losing a call costs at most
 * the lifetime of a cache entry (2 s by default).
 */
export interface Notifier {
  /** Which scanners or which accepted findings count has changed, for one project or (null) for all. */
  scanPolicyChanged(projectId: number | null): void;
}
