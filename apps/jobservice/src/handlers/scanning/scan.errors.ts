import { AppError } from '@breakwater/errors';

/** The scanner took longer than the installation gives it; it would take as long again. */
export class ScanTimedOutError extends AppError {
  readonly code = 'SCAN_TIMED_OUT';
  readonly kind = 'precondition';
  constructor(timeoutSeconds: number) {
    super(`the scanner has not come to a report within ${timeoutSeconds} s`, { timeoutSeconds });
  }
}

/** What the scanner sent is no report, and would not be one if it were asked for again. */
export class UnusableReportError extends AppError {
  readonly code = 'UNUSABLE_REPORT';
  readonly kind = 'invalid';
  constructor(reason: string) {
    super(`the report cannot be used: ${reason}`, { reason });
  }
}

/** What went wrong would go wrong again. */
export class ScanGivenUpError extends AppError {
  readonly code = 'SCAN_GIVEN_UP';
  readonly kind = 'precondition';
  constructor(cause: AppError) {
    super(cause.message, { code: cause.code }, { cause });
  }
}
