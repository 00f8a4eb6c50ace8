import { AppError } from '@breakwater/errors';

/** PostgreSQL does not answer, refuses connections, or is shutting down. The same request may succeed later. */
export class DatabaseUnavailableError extends AppError {
  readonly code = 'UNAVAILABLE';
  readonly kind = 'unavailable';
  constructor(cause: unknown) {
    super('the database does not answer', {}, { cause });
  }
}

/** A unit of work met the same conflict again and again (serialisation failure or deadlock). */
export class DatabaseContentionError extends AppError {
  readonly code = 'UNAVAILABLE';
  readonly kind = 'unavailable';
  constructor(cause: unknown) {
    super('too many writers at once; try again', {}, { cause });
  }
}

/** A row that must be unique exists already. Services translate it into their own word for the conflict. */
export class UniqueViolationError extends AppError {
  readonly code = 'CONFLICT';
  readonly kind = 'conflict';
  constructor(
    readonly constraint: string,
    cause: unknown,
  ) {
    super('it exists already', {}, { cause });
  }
}

/** A row is still referred to, or refers to one that is gone. */
export class ForeignKeyViolationError extends AppError {
  readonly code = 'VIOLATE_FOREIGN_KEY_CONSTRAINT';
  readonly kind = 'precondition';
  constructor(
    readonly constraint: string,
    cause: unknown,
  ) {
    super('it is still referred to', {}, { cause });
  }
}

/** Text that PostgreSQL cannot hold: a NUL, which JSON bodies can carry past every length check. */
export class InvalidTextError extends AppError {
  readonly code = 'INVALID_TEXT';
  readonly kind = 'invalid';
  constructor(cause: unknown) {
    super('text must not hold a NUL', {}, { cause });
  }
}

/** SQLSTATEs after which the whole unit of work may simply be run again. */
const RETRYABLE = new Set(['40001', '40P01']);
const UNIQUE_VIOLATION = '23505';
const FOREIGN_KEY_VIOLATION = '23503';
/** PostgreSQL 18 gives RESTRICT its own SQLSTATE. */
const RESTRICT_VIOLATION = '23001';
/** In a text, and in a jsonb. */
const UNSTORABLE_TEXT = new Set(['22021', '22P05']);

export function isRetryable(error: unknown): boolean {
  return RETRYABLE.has(sqlStateOf(error) ?? '');
}

/** Translates what the driver throws into the house's errors; anything unknown passes unchanged. */
export function databaseErrorOf(error: unknown): unknown {
  if (error instanceof AppError) return error;
  const state = sqlStateOf(error);
  if (state === UNIQUE_VIOLATION) return new UniqueViolationError(constraintOf(error), error);
  if (state === FOREIGN_KEY_VIOLATION || state === RESTRICT_VIOLATION)
    return new ForeignKeyViolationError(constraintOf(error), error);
  if (state !== undefined && UNSTORABLE_TEXT.has(state)) return new InvalidTextError(error);
  return isConnectionFailure(error, state) ? new DatabaseUnavailableError(error) : error;
}

function isConnectionFailure(error: unknown, state: string | undefined): boolean {
  // Class 08: connection exception; 57P0x: shutting down or starting up; 53300: too many connections.
  if (state !== undefined) return state.startsWith('08') || state.startsWith('57P') || state === '53300';
  const { code = '', message = '' } = (error ?? {}) as { code?: string; message?: string };
  const text = `${code} ${message}`;
  return /ECONNREFUSED|ECONNRESET|ENOENT|EPIPE|ETIMEDOUT|timeout exceeded when trying to connect|Query read timeout|Connection terminated|connection is closed|not queryable|Client was closed|Connection ended|calling end on the pool/i.test(
    text,
  );
}

function sqlStateOf(error: unknown): string | undefined {
  const code = driverErrorOf(error)?.code;
  // No class of SQLSTATE begins with an E, codes of the system do: EPIPE.
  return code !== undefined && /^[0-9FHPX][0-9A-Z]{4}$/.test(code) ? code : undefined;
}

function constraintOf(error: unknown): string {
  return driverErrorOf(error)?.constraint ?? '';
}

function driverErrorOf(error: unknown): { code?: string; constraint?: string } | undefined {
  // By shape: under jest the system's errors are of another realm, and no `instanceof Error`.
  if (typeof error !== 'object' || error === null) return undefined;
  return (error as { driverError?: object }).driverError ?? error;
}
