import { AppError } from '@breakwater/errors';
import { OutboundError } from '@breakwater/outbound';

export type ScannerOperation = 'metadata' | 'submit' | 'report';

/**
 * What goes wrong with an adapter. What goes wrong on the way to it (address refused, unreachable, TLS, a limit) is an
 * `OutboundError`, passed on as it is.
 */
export abstract class ScannerError extends AppError {
  /** Trying the same scan again later may help. */
  abstract readonly isRetryable: boolean;
}

/** Whether the same scan may succeed at another time. What we do not know ourselves may. */
export function isRetryableScanError(error: unknown): boolean {
  return error instanceof ScannerError || error instanceof OutboundError ? error.isRetryable : true;
}

/** The adapter will not do this, now or later: 400, 415, 422, 501 and their like. */
export class ScannerRefusedError extends ScannerError {
  readonly code = 'SCANNER_REFUSED';
  readonly kind = 'invalid';
  readonly isRetryable = false;
  /** @param said  the adapter's own words, shortened and without secrets; null: none. */
  constructor(
    readonly operation: ScannerOperation,
    readonly status: number,
    readonly said: string | null,
  ) {
    super(`the scanner refused ${OPERATION_TEXT[operation]} with ${status}${quoted(said)}`, {
      operation,
      status,
      said,
    });
  }
}

/** The adapter does not take our credential: 401, 403. */
export class ScannerSignInError extends ScannerError {
  readonly code = 'SCANNER_SIGN_IN_FAILED';
  readonly kind = 'invalid';
  readonly isRetryable = false;
  constructor(
    readonly operation: ScannerOperation,
    readonly status: number,
    readonly said: string | null,
  ) {
    super(`the scanner does not accept the credential of its registration (${status})${quoted(said)}`, {
      operation,
      status,
      said,
    });
  }
}

/** There is something else than an adapter at this address, or one that does not keep to the specification. */
export class ScannerAnswerError extends ScannerError {
  readonly code = 'SCANNER_ANSWER_INVALID';
  readonly kind = 'invalid';
  readonly isRetryable = false;
  constructor(
    readonly operation: ScannerOperation,
    readonly reason: string,
    options?: { cause?: unknown },
  ) {
    super(
      `the scanner’s answer to ${OPERATION_TEXT[operation]} cannot be used: ${reason}`,
      { operation, reason },
      options,
    );
  }
}

/** The adapter cannot do it now: 429, 5xx. */
export class ScannerUnavailableError extends ScannerError {
  readonly code = 'SCANNER_UNAVAILABLE';
  readonly kind = 'unavailable';
  readonly isRetryable = true;
  /** @param retryAfterSeconds  what it asked for; null: nothing. */
  constructor(
    readonly operation: ScannerOperation,
    readonly status: number,
    readonly said: string | null,
    readonly retryAfterSeconds: number | null,
  ) {
    super(`the scanner cannot take ${OPERATION_TEXT[operation]} now (${status})${quoted(said)}`, {
      operation,
      status,
      said,
      retryAfterSeconds,
    });
  }
}

/** Too many calls in a row went wrong: the adapter is left alone for a while. */
export class ScannerCircuitOpenError extends ScannerError {
  readonly code = 'SCANNER_CIRCUIT_OPEN';
  readonly kind = 'unavailable';
  readonly isRetryable = true;
  /** @param lastReason  what went wrong the last time, in words for people. */
  constructor(
    readonly retryAfterSeconds: number,
    readonly lastReason: string,
  ) {
    super(`the scanner failed several times in a row and is left alone for ${retryAfterSeconds} s: ${lastReason}`, {
      retryAfterSeconds,
      lastReason,
    });
  }
}

/** The adapter tried, and failed: it could not pull, its database was not there, it crashed. */
export class ScanFailedError extends ScannerError {
  readonly code = 'SCAN_FAILED';
  readonly kind = 'unavailable';
  readonly isRetryable = true;
  constructor(readonly said: string | null) {
    super(`the scan failed${said === null ? ' without a reason' : quoted(said)}`, { said });
  }
}

/** The adapter does not know the scan any more: it was started anew, or forgot. */
export class ScanLostError extends ScannerError {
  readonly code = 'SCAN_LOST';
  readonly kind = 'unavailable';
  readonly isRetryable = true;
  constructor() {
    super('the scanner has forgotten the scan');
  }
}

/** No report within the time that a scan may take. Not retryable: what hung once holds a worker as long again. */
export class ScanTimeoutError extends ScannerError {
  readonly code = 'SCAN_TIMEOUT';
  readonly kind = 'unavailable';
  readonly isRetryable = false;
  constructor(readonly timeoutSeconds: number) {
    super(`the scanner had no report after ${timeoutSeconds} s`, { timeoutSeconds });
  }
}

/** A report came, and there was no place for it here. */
export class ReportNotStoredError extends ScannerError {
  readonly code = 'SCAN_REPORT_NOT_STORED';
  readonly kind = 'unavailable';
  readonly isRetryable = true;
  constructor(options: { cause: unknown }) {
    super('the report could not be written to the temporary folder', {}, options);
  }
}

const OPERATION_TEXT: Readonly<Record<ScannerOperation, string>> = {
  metadata: 'the question what it can do',
  submit: 'the scan',
  report: 'the question for its report',
};

function quoted(said: string | null): string {
  return said === null ? '' : `: ${said}`;
}
