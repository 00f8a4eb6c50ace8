import { AppError } from '@breakwater/errors';

export class ScannerNotFoundError extends AppError {
  readonly code = 'SCANNER_NOT_FOUND';
  readonly kind = 'not-found';
  constructor(id: string | number) {
    super(`scanner ${id} is not found`);
  }
}

/** A field of a registration that cannot be what it is. */
export class InvalidScannerError extends AppError {
  readonly code = 'INVALID_SCANNER';
  readonly kind = 'invalid';
  constructor(field: string, reason: string, options?: { cause?: unknown }) {
    super(`${field}: ${reason}`, { field }, options);
  }
}

/** Name and address are unique. */
export class ScannerExistsError extends AppError {
  readonly code = 'SCANNER_EXISTS';
  readonly kind = 'conflict';
  constructor(field: 'name' | 'url', value: string) {
    super(`a scanner with the ${field} ${value} is registered already`, { field });
  }
}

/** What the settings made is changed in the settings. */
export class ScannerImmutableError extends AppError {
  readonly code = 'SCANNER_IMMUTABLE';
  readonly kind = 'forbidden';
  constructor(name: string) {
    super(`the scanner ${name} belongs to the installation: it is changed in its settings`);
  }
}

/** The default must be able to scan. */
export class DefaultScannerDisabledError extends AppError {
  readonly code = 'DEFAULT_SCANNER_DISABLED';
  readonly kind = 'precondition';
  constructor(name: string) {
    super(`the scanner ${name} cannot be both disabled and the default; make another one the default first`);
  }
}

/** The adapter does not answer, or not as one. What it did is the caller's business: it typed the address. */
export class ScannerUnreachableError extends AppError {
  readonly code = 'SCANNER_UNREACHABLE';
  readonly kind = 'invalid';
  constructor(reason: string, options?: { cause?: unknown }) {
    super(`the scanner cannot be used: ${reason}`, {}, options);
  }
}

/** The operator dropped a key that still seals something. */
export class ScannerSealedError extends AppError {
  readonly code = 'SCANNER_SEALED';
  readonly kind = 'internal';
  constructor(name: string, cause: unknown) {
    super(
      `the credential of the scanner ${name} cannot be opened with the keys of BREAKWATER_SECRET_KEY`,
      {},
      { cause },
    );
  }
}
