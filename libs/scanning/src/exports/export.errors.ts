import { AppError } from '@breakwater/errors';

export class InvalidExportError extends AppError {
  readonly code = 'INVALID_EXPORT';
  readonly kind = 'invalid';
  constructor(reason: string) {
    super(reason);
  }
}

/** There never was one, it was fetched already, or its time is over. */
export class ExportNotFoundError extends AppError {
  readonly code = 'EXPORT_NOT_FOUND';
  readonly kind = 'not-found';
  constructor(executionId: number) {
    super(`there is no export ${executionId}: a file can be fetched once, and is kept for a day`, { executionId });
  }
}

export class ExportOfAnotherError extends AppError {
  readonly code = 'EXPORT_OF_ANOTHER';
  readonly kind = 'forbidden';
  constructor() {
    super('an export is for who asked for it');
  }
}

/** Given up: what is asked for is more than is kept. */
export class ExportTooLargeError extends AppError {
  readonly code = 'EXPORT_TOO_LARGE';
  readonly kind = 'invalid';
  constructor(limitBytes: number) {
    super(`the file has more than ${limitBytes} bytes: choose some repositories, tags or CVEs`, { limitBytes });
  }
}

/** While it was written: somebody removed it, or another run writes it. */
export class ExportGoneError extends AppError {
  readonly code = 'EXPORT_GONE';
  readonly kind = 'not-found';
  constructor() {
    super('the export was removed meanwhile, or is written by another run');
  }
}
