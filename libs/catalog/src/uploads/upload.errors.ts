import { AppError } from '@breakwater/errors';
import type { Digest } from '@breakwater/oci';

/** No such upload for this principal in this repository: it never was, is finished, cancelled, or somebody else's. */
export class UploadUnknownError extends AppError {
  readonly code = 'UPLOAD_UNKNOWN';
  readonly kind = 'not-found';
  constructor(uploadId: string) {
    super('the upload is not known; start a new one', { uploadId: uploadId.slice(0, 64) });
  }
}

/** Another request is writing this upload. The session is fine: ask for its status and go on after a moment. */
export class UploadBusyError extends AppError {
  readonly code = 'UPLOAD_BUSY';
  readonly kind = 'too-many';
  constructor(uploadId: string) {
    super('another request is writing this upload', { uploadId });
  }
}

/** The chunk has not the length that its `Content-Range` says. What lies in the range and is durable counts. */
export class ChunkSizeMismatchError extends AppError {
  readonly code = 'SIZE_MISMATCH';
  readonly kind = 'invalid';
  /** @param actualBytes  null when reading stopped at the end of the range and there was more. */
  constructor(
    readonly expectedBytes: number,
    readonly actualBytes: number | null,
  ) {
    super(`the chunk has ${actualBytes ?? 'more'} bytes, its range says ${expectedBytes}`, {
      expectedBytes,
      ...(actualBytes !== null && { actualBytes }),
    });
  }
}

/** The bytes we received are not the bytes the client promised. Never stored, never retried by us. */
export class DigestMismatchError extends AppError {
  readonly code = 'DIGEST_MISMATCH';
  readonly kind = 'invalid';
  constructor(
    readonly expected: Digest,
    readonly actual: Digest,
  ) {
    super(`content is ${actual}, client promised ${expected}`, { expected, actual });
  }
}
