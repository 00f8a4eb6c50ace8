import { AppError } from '@breakwater/errors';
import { ObjectMissingError, StorageFullError, StorageUnavailableError } from '../storage.errors.js';

/** What the system's errors mean. Whatever is not listed is a storage that cannot be used now. */
export function filesystemError(error: unknown, key: string): Error {
  // A TypeError is a caller's mistake.
  if (error instanceof AppError || error instanceof TypeError) return error;
  switch (systemCode(error)) {
    case 'ENOENT':
      return new ObjectMissingError(key, { cause: error });
    case 'ENOSPC':
    case 'EDQUOT':
    case 'EFBIG':
      return new StorageFullError(error);
    default:
      return new StorageUnavailableError(error);
  }
}

export function isMissing(error: unknown): boolean {
  return systemCode(error) === 'ENOENT';
}

export function systemCode(error: unknown): string | null {
  // By shape: under jest the system's errors are of another realm, and no `instanceof Error`.
  const { code } = (error ?? {}) as { code?: unknown };
  return typeof code === 'string' ? code : null;
}
