import { AppError } from '@breakwater/errors';
import type { RepositoryName } from '@breakwater/oci';

/** No manifest was ever pushed there, or it was deleted. */
export class RepositoryNotFoundError extends AppError {
  readonly code = 'REPOSITORY_NOT_FOUND';
  readonly kind = 'not-found';
  constructor(repository: RepositoryName) {
    super(`repository ${repository} not found`, { repository });
  }
}
