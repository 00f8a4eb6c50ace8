import { AppError } from '@breakwater/errors';

/** No limit, in the API and in the database. */
export const UNLIMITED = -1;

/** 1024 TiB, in bytes. */
export const MAX_STORAGE_LIMIT_BYTES = 1024 ** 5;

/**
 * Reads a storage limit in bytes.
 *
 * @returns -1 (no limit) or 1 to 1024 TiB.
 * @throws InvalidStorageLimitError  for 0, fractions and everything else.
 */
export function parseStorageLimit(limitBytes: number): number {
  const isLimit = Number.isSafeInteger(limitBytes) && limitBytes >= 1 && limitBytes <= MAX_STORAGE_LIMIT_BYTES;
  if (limitBytes !== UNLIMITED && !isLimit) throw new InvalidStorageLimitError(limitBytes);
  return limitBytes;
}

/** Would `addedBytes` more take the project beyond its limit? Adding nothing still fails where usage is over it. */
export function exceedsStorageLimit(limitBytes: number, usedBytes: number, addedBytes: number): boolean {
  return limitBytes !== UNLIMITED && usedBytes + addedBytes > limitBytes;
}

/** From here a project is told that it fills up: 85 % of the limit. */
export function isStorageNearlyFull(limitBytes: number, usedBytes: number): boolean {
  return limitBytes !== UNLIMITED && usedBytes >= limitBytes * 0.85;
}

/** `512 B`, `1.5 KiB`, `21.1 MiB`: units of 1024 with one decimal, whole bytes below 1 KiB. */
export function formatSize(sizeBytes: number): string {
  if (sizeBytes < 1024) return `${sizeBytes} B`;
  const power = Math.min(Math.floor(Math.log2(sizeBytes) / 10), UNITS.length);
  return `${(sizeBytes / 1024 ** power).toFixed(1)} ${UNITS[power - 1] ?? ''}`;
}

const UNITS = ['KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const;

/** Thrown by what adds bytes to a project: nothing of the request was kept. */
export class StorageLimitExceededError extends AppError {
  readonly code = 'STORAGE_LIMIT_EXCEEDED';
  readonly kind = 'forbidden';

  constructor(limitBytes: number, usedBytes: number, addedBytes: number) {
    super(
      `adding ${formatSize(addedBytes)} to the ${formatSize(usedBytes)} in use will exceed the configured upper limit of ${formatSize(limitBytes)}`,
      { limitBytes, usedBytes, addedBytes },
    );
  }
}

export class InvalidStorageLimitError extends AppError {
  readonly code = 'INVALID_STORAGE_LIMIT';
  readonly kind = 'invalid';

  constructor(limitBytes: number) {
    super(`the storage limit must be -1 (no limit) or 1 to ${MAX_STORAGE_LIMIT_BYTES} bytes`, { limitBytes });
  }
}
