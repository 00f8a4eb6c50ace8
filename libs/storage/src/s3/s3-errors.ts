import { AppError } from '@breakwater/errors';
import { ObjectMissingError, StorageFullError, StorageUnavailableError } from '../storage.errors.js';

/** Codes by which S3 servers say that there is no room. AWS itself never runs out; the others do. */
const FULL = new Set([
  'InsufficientStorage',
  'InsufficientCapacity',
  'QuotaExceeded',
  'QuotaExceededException',
  'XMinioStorageFull',
  'XMinioAdminBucketQuotaExceeded',
]);

/** What the server's answers mean. Whatever is not listed, refused credentials included, cannot be used now. */
export function s3Error(error: unknown, key: string): Error {
  // A TypeError is a caller's mistake.
  if (error instanceof AppError || error instanceof TypeError) return error;
  if (isMissing(error) || isNoSuchUpload(error)) return new ObjectMissingError(key, { cause: error });
  if (FULL.has(codeOf(error)) || statusOf(error) === 507) return new StorageFullError(error);
  return new StorageUnavailableError(error);
}

export function isMissing(error: unknown): boolean {
  const code = codeOf(error);
  return code === 'NoSuchKey' || code === 'NotFound';
}

/** The multipart upload was completed, aborted, or never begun. */
export function isNoSuchUpload(error: unknown): boolean {
  return codeOf(error) === 'NoSuchUpload';
}

export function isRangeBeyondEnd(error: unknown): boolean {
  return codeOf(error) === 'InvalidRange' || statusOf(error) === 416;
}

/** An operation that this server does not have. */
export function isNotImplemented(error: unknown): boolean {
  return codeOf(error) === 'NotImplemented' || statusOf(error) === 501;
}

function codeOf(error: unknown): string {
  return error instanceof Error ? error.name : '';
}

function statusOf(error: unknown): number | null {
  if (!(error instanceof Error) || !('$metadata' in error)) return null;
  const metadata = error.$metadata;
  const isRecord = typeof metadata === 'object' && metadata !== null && 'httpStatusCode' in metadata;
  return isRecord && typeof metadata.httpStatusCode === 'number' ? metadata.httpStatusCode : null;
}
