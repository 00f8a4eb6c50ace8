import { AppError } from '@breakwater/errors';
import type { Digest, RepositoryName } from '@breakwater/oci';

/** The catalog has the blob and the storage has not: damage that an operator must hear of, never a quiet 404. */
export class BlobLostError extends AppError {
  readonly code = 'BLOB_LOST';
  readonly kind = 'internal';
  constructor(name: RepositoryName, digest: Digest, cause: unknown) {
    super(`the storage has lost blob ${digest} of ${name}`, { name, digest }, { cause });
  }
}
