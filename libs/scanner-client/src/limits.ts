/** How long and how much we are ready to wait for and to take. */
export interface ScannerLimits {
  /** Metadata and submit, each: to the whole answer. */
  readonly callTimeoutMs: number;
  /** A report: between two pieces of it. */
  readonly reportIdleTimeoutMs: number;
  /** A report: to its last byte. */
  readonly reportTimeoutMs: number;
  /** A report: on disk, so after decompression. */
  readonly maxReportBytes: number;
  /** From submit to the last byte of the report, everything included. */
  readonly scanTimeoutMs: number;
  readonly submitAttempts: number;
  /** Questions for a report that may go wrong one after the other before we give up. */
  readonly pollFailures: number;
}

export const DEFAULT_SCANNER_LIMITS: ScannerLimits = {
  callTimeoutMs: 15_000,
  reportIdleTimeoutMs: 30_000,
  reportTimeoutMs: 600_000,
  maxReportBytes: 256 * 2 ** 20,
  scanTimeoutMs: 1_800_000,
  submitAttempts: 3,
  pollFailures: 5,
};
