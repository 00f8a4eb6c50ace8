import { AppError } from '@breakwater/errors';

/** No room left: the disk, its quota, or the bucket's. What was durable before stays and can be resumed. */
export class StorageFullError extends AppError {
  readonly code = 'STORAGE_FULL';
  readonly kind = 'full';
  constructor(cause: unknown) {
    super('the storage has no room left', {}, { cause });
  }
}

/** The storage does not answer, refuses us, or failed in a way that may pass. */
export class StorageUnavailableError extends AppError {
  readonly code = 'UNAVAILABLE';
  readonly kind = 'unavailable';
  constructor(cause: unknown) {
    super('the storage cannot be used now', {}, { cause });
  }
}

/** There is no object under this key: never written, deleted, or lost. */
export class ObjectMissingError extends AppError {
  readonly code = 'OBJECT_MISSING';
  readonly kind = 'not-found';
  constructor(
    readonly key: string,
    options?: { cause?: unknown },
  ) {
    super('the storage has no such object', {}, options);
  }
}

/** Fewer bytes are stored than were recorded or asked for. Damage, so never a short answer. */
export class ObjectTruncatedError extends AppError {
  readonly code = 'OBJECT_TRUNCATED';
  readonly kind = 'internal';
  constructor(
    readonly key: string,
    readonly expectedSizeBytes: number,
    readonly actualSizeBytes: number,
  ) {
    super(`object ${key} has ${actualSizeBytes} bytes where ${expectedSizeBytes} were expected`);
  }
}

/**
 * - `disconnected`: the connection broke, or whatever else fed the bytes failed;
 * - `idle`: no byte came for longer than the limit;
 * - `cancelled`: the caller's own signal.
 */
export type AbortReason = 'disconnected' | 'idle' | 'cancelled';

/** The other side of a transfer went away before its end. */
export class ClientAbortedError extends AppError {
  readonly code = 'CLIENT_ABORTED';
  readonly kind = 'invalid';
  /** @param durableSizeBytes  of the upload session, to resume from; null for a download. */
  constructor(
    readonly reason: AbortReason,
    readonly durableSizeBytes: number | null,
    options?: { cause?: unknown },
  ) {
    super(`the transfer ended early (${reason})`, durableSizeBytes === null ? {} : { durableSizeBytes }, options);
  }
}

/** More bytes came than the caller allows, or than the driver can store in one object. */
export class UploadTooLargeError extends AppError {
  readonly code = 'SIZE_INVALID';
  readonly kind = 'too-large';
  constructor(readonly maxBytes: number) {
    super(`more than the allowed ${maxBytes} bytes were sent`, { maxBytes });
  }
}
