import { AppError } from '@breakwater/errors';

export class NoScannerError extends AppError {
  readonly code = 'NO_SCANNER';
  readonly kind = 'precondition';
  constructor() {
    super('no available scanner for project: an administrator has to register one, or the project has to choose one');
  }
}

/** Of a project with several: all of them. */
export class ScannersDisabledError extends AppError {
  readonly code = 'SCANNER_DISABLED';
  readonly kind = 'precondition';
  constructor(names: readonly string[]) {
    super(`scanner ${names.join(', ')} is disabled`, { scanners: names });
  }
}

export class ScanNotSupportedError extends AppError {
  readonly code = 'SCAN_NOT_SUPPORTED';
  readonly kind = 'invalid';
  constructor(scanners: readonly string[], mediaType: string) {
    const names = scanners.join(', ');
    super(`the configured scanner ${names} does not support scanning artifact with mime type ${mediaType}`, {
      scanners,
      mediaType,
    });
  }
}

export class ScanRunningError extends AppError {
  readonly code = 'SCAN_RUNNING';
  readonly kind = 'conflict';
  constructor() {
    super('a previous scan process is Running');
  }
}

export class NothingToStopError extends AppError {
  readonly code = 'NOTHING_TO_STOP';
  readonly kind = 'invalid';
  constructor() {
    super('no scan of this artifact was ever asked for');
  }
}

export class ReportNotFoundError extends AppError {
  readonly code = 'REPORT_NOT_FOUND';
  readonly kind = 'not-found';
  constructor() {
    super('the artifact has no such report');
  }
}

/** Nothing that scanners look at. */
export class NotScannableError extends AppError {
  readonly code = 'NOT_SCANNABLE';
  readonly kind = 'not-found';
  constructor() {
    super('the artifact is nothing that scanners look at');
  }
}

/** The artifact was deleted while it was scanned: there is nothing to write a report for. */
export class ReportGoneError extends AppError {
  readonly code = 'REPORT_GONE';
  readonly kind = 'not-found';
  constructor() {
    super('the artifact was deleted meanwhile');
  }
}

/** Scans of everything need a scanner for projects that have chosen none. */
export class NoDefaultScannerError extends AppError {
  readonly code = 'NO_DEFAULT_SCANNER';
  readonly kind = 'precondition';
  constructor() {
    super("no scanner is configured, it's not possible to scan");
  }
}

export class ScanAllRunningError extends AppError {
  readonly code = 'SCAN_ALL_RUNNING';
  readonly kind = 'conflict';
  constructor() {
    super('a previous scan all job is still running');
  }
}

export class NoScanAllRunningError extends AppError {
  readonly code = 'NO_SCAN_ALL_RUNNING';
  readonly kind = 'invalid';
  constructor() {
    super('no scan all job is running');
  }
}

export class ScanAllScheduledError extends AppError {
  readonly code = 'SCAN_ALL_SCHEDULED';
  readonly kind = 'precondition';
  constructor() {
    super('scans of everything are scheduled already: change that schedule, or remove it first');
  }
}

export class InvalidScanScheduleError extends AppError {
  readonly code = 'INVALID_SCAN_SCHEDULE';
  readonly kind = 'invalid';
}
