import { AppError } from '@breakwater/errors';
import type { Digest, RepositoryName } from '@breakwater/oci';

/** The repository does not hold this blob, whatever others hold. */
export class BlobUnknownError extends AppError {
  readonly code = 'BLOB_UNKNOWN';
  readonly kind = 'not-found';
  constructor(repository: RepositoryName, digest: Digest) {
    super(`blob ${digest} is not in ${repository}`, { repository, digest });
  }
}

/** A manifest of the repository needs the blob. */
export class BlobReferencedError extends AppError {
  readonly code = 'BLOB_REFERENCED';
  readonly kind = 'precondition';
  constructor(repository: RepositoryName, digest: Digest) {
    super(`blob ${digest} is needed by a manifest of ${repository}`, { repository, digest });
  }
}
