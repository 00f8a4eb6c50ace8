import { AppError } from '@breakwater/errors';
import { QueryRunnerAlreadyReleasedError, TypeORMError } from 'typeorm';

/** PostgreSQL does not answer, refuses connections, or is shutting down. The same request may succeed later. */
export class DatabaseUnavailableError extends AppError {
  readonly code = 'UNAVAILABLE';
  readonly kind = 'unavailable';
  constructor(cause: unknown, message = 'the database does not answer') {
    super(message, {}, { cause });
  }
}

/** PostgreSQL answers and does not let us in. Only whoever runs it can help; to those who ask us it is not available. */
export class DatabaseRefusedError extends DatabaseUnavailableError {
  constructor(cause: unknown) {
    super(cause, `the database does not let us in: ${driverErrorOf(cause)?.message ?? 'no reason'}`);
  }
}

/** The server is older than what the schema uses. */
export class DatabaseTooOldError extends AppError {
  readonly code = 'DATABASE_TOO_OLD';
  readonly kind = 'internal';
  constructor(version: string) {
    super(`PostgreSQL ${OLDEST_MAJOR} or newer is needed, and this is ${version}`, { version });
  }
}

/** The first with `uuidv7()`, and with `old` and `new` in RETURNING. */
export const OLDEST_MAJOR = 18;

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
  return !(error instanceof AppError) && RETRYABLE.has(sqlStateOf(error) ?? '');
}

/**
 * Translates what the driver or TypeORM threw at a call to the database into the house's errors; anything unknown
 * passes unchanged. Not for what other code throws: a file that is not there has the same code as a missing socket.
 */
export function databaseErrorOf(error: unknown): unknown {
  if (error instanceof AppError) return error;
  const state = sqlStateOf(error);
  if (state === undefined) return errorWithoutState(error);
  if (state === UNIQUE_VIOLATION) return new UniqueViolationError(constraintOf(error), error);
  if (state === FOREIGN_KEY_VIOLATION || state === RESTRICT_VIOLATION)
    return new ForeignKeyViolationError(constraintOf(error), error);
  if (UNSTORABLE_TEXT.has(state)) return new InvalidTextError(error);
  if (REFUSAL.test(state)) return new DatabaseRefusedError(error);
  const isUnavailable = UNAVAILABLE.test(state) || driverErrorOf(error)?.routine === STALE_PLAN;
  return isUnavailable ? new DatabaseUnavailableError(error) : error;
}

/** For what a unit of work threw, which may have nothing to do with the database. */
export function errorOfWork(error: unknown): unknown {
  return error instanceof TypeORMError ? databaseErrorOf(error) : error;
}

/** No password is right any more, no such role, or no such database. */
const REFUSAL = /^(?:28...|3D000)$/;

/**
 * The server cannot do it now, and nothing of it is the caller's fault.
 *
 * 08: the connection failed. 53: out of connections, memory or disk. 57: shut down, starting up, cancelled, or out of
 * time. 58: its own files. 25P03, 25P04: it gave up our transaction; 25006: it is a standby now, as in a failover.
 * 55P03: a lock was not to be had in the time that the administrator set. 26000: a pooler before it gave us another
 * server, which does not know what we prepared.
 */
const UNAVAILABLE = /^(?:(?:08|53|57|58)...|25P03|25P04|25006|55P03|26000)$/;

/** Raised where a prepared statement was planned before a migration that changed what it answers. */
const STALE_PLAN = 'RevalidateCachedQuery';

/** What the driver throws by itself has no code: these are all the ways in which it says that a connection is over. */
const LOST_CONNECTION =
  /connection terminated|timeout expired|timeout exceeded when trying to connect|query read timeout|not queryable|calling end on the pool|called end on pool|driver not connected|received (?:unexpected|invalid)|establishing an SSL connection/i;

/** … and how it says that it will not get in like this. */
const NO_ENTRY = /SASL: |does not support SSL/;

/** ECONNREFUSED, EPIPE, ENOTFOUND, EMFILE, … of the system, and Node's own for the same. */
const SYSTEM_CODE = /^E(?!RR_)[A-Z0-9_]+$|^ERR_(?:STREAM|SOCKET)_/;

/** CERT_HAS_EXPIRED, SELF_SIGNED_CERT_IN_CHAIN, ERR_TLS_CERT_ALTNAME_INVALID, UNABLE_TO_VERIFY_LEAF_SIGNATURE, …. */
const CERTIFICATE_CODE = /CERT|^UNABLE_TO_|^ERR_(?:SSL|TLS|OSSL)_/;

function errorWithoutState(error: unknown): unknown {
  // A connection that breaks between two statements is given back by TypeORM itself: the next one finds it gone.
  if (error instanceof QueryRunnerAlreadyReleasedError) return new DatabaseUnavailableError(error);
  const { code = '', message = '' } = driverErrorOf(error) ?? {};
  if (CERTIFICATE_CODE.test(code) || NO_ENTRY.test(message)) return new DatabaseRefusedError(error);
  return SYSTEM_CODE.test(code) || LOST_CONNECTION.test(message) ? new DatabaseUnavailableError(error) : error;
}

function sqlStateOf(error: unknown): string | undefined {
  const code = driverErrorOf(error)?.code;
  // No class of SQLSTATE begins with an E, codes of the system do: EPIPE.
  return code !== undefined && /^[0-9FHPX][0-9A-Z]{4}$/.test(code) ? code : undefined;
}

function constraintOf(error: unknown): string {
  return driverErrorOf(error)?.constraint ?? '';
}

interface DriverError {
  readonly code?: string;
  readonly message?: string;
  readonly constraint?: string;
  /** Where in the server it was raised. */
  readonly routine?: string;
}

function driverErrorOf(error: unknown): DriverError | undefined {
  // By shape: under jest the system's errors are of another realm, and no `instanceof Error`.
  if (typeof error !== 'object' || error === null) return undefined;
  return (error as { driverError?: object }).driverError ?? error;
}
