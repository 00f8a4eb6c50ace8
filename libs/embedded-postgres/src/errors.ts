import { AppError } from '@breakwater/errors';

/** Nothing of npm's PostgreSQL binaries runs on this processor or operating system. */
export class PostgresPlatformError extends AppError {
  readonly code = 'POSTGRES_PLATFORM';
  readonly kind = 'precondition';
  constructor(platform: string, cause: unknown) {
    super(`no embedded PostgreSQL for ${platform}: point to an external one instead`, { platform }, { cause });
  }
}

/** Somebody else listens there. */
export class PostgresPortInUseError extends AppError {
  readonly code = 'POSTGRES_PORT_IN_USE';
  readonly kind = 'conflict';
  constructor(readonly port: number) {
    super(`PostgreSQL cannot listen on port ${port}: it is in use`, { port });
  }
}

/** The folder is served by a PostgreSQL that lives; starting a second one would destroy the data. */
export class PostgresAlreadyRunningError extends AppError {
  readonly code = 'POSTGRES_ALREADY_RUNNING';
  readonly kind = 'conflict';
  constructor(
    readonly pid: number,
    dataDirectory: string,
  ) {
    super(`PostgreSQL (process ${pid}) already serves ${dataDirectory}`, { pid });
  }
}

/** The data was made by another major version; PostgreSQL does not read it. */
export class PostgresVersionError extends AppError {
  readonly code = 'POSTGRES_VERSION';
  readonly kind = 'precondition';
  constructor(dataVersion: string, programVersion: string, dataDirectory: string) {
    super(
      `${dataDirectory} holds data of PostgreSQL ${dataVersion}, this is PostgreSQL ${programVersion}: ` +
        `dump it with the old version and restore it, or choose another folder`,
      { dataVersion, programVersion },
    );
  }
}

/** The folder cannot be written, entered, or lacks a part that cannot be made again. */
export class PostgresFolderError extends AppError {
  readonly code = 'POSTGRES_FOLDER';
  readonly kind = 'precondition';
}

export class PostgresNoSpaceError extends AppError {
  readonly code = 'POSTGRES_NO_SPACE';
  readonly kind = 'full';
  constructor(dataDirectory: string, cause?: unknown) {
    super(`no space left for PostgreSQL below ${dataDirectory}`, {}, { cause });
  }
}

/** It did not come up, for a reason that only its own last words tell. */
export class PostgresStartError extends AppError {
  readonly code = 'POSTGRES_START';
  readonly kind = 'unavailable';
  constructor(what: string, lastWords: string, cause?: unknown) {
    super(`${what}: ${lastWords.trim() || 'no output'}`, {}, { cause });
  }
}

/** What PostgreSQL's programs say in English (`lc_messages = C`), as one of the errors above. */
export function errorFromOutput(what: string, output: string, at: { dataDirectory: string; port: number }): AppError {
  if (/Address already in use/i.test(output)) return new PostgresPortInUseError(at.port);
  if (/No space left on device/i.test(output)) return new PostgresNoSpaceError(at.dataDirectory);
  if (/Permission denied|Read-only file system/i.test(output))
    return new PostgresFolderError(`${what} in ${at.dataDirectory}: ${output.trim()}`);
  return new PostgresStartError(what, output);
}

/** The same for what Node's file functions throw. */
export function errorFromFile(error: unknown, dataDirectory: string): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOSPC') return new PostgresNoSpaceError(dataDirectory, error);
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS' || code === 'ENOTDIR')
    return new PostgresFolderError(`PostgreSQL's folder ${dataDirectory} is not writable`, {}, { cause: error });
  return error;
}
