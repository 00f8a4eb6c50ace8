import { AppError } from '@breakwater/errors';
import type { RepositoryName, Tag } from '@breakwater/oci';

/** The repository has the tag already, on this artifact or another: making one never moves one. */
export class TagExistsError extends AppError {
  readonly code = 'TAG_EXISTS';
  readonly kind = 'conflict';
  constructor(repository: RepositoryName, tag: Tag) {
    super(`tag ${tag} already exists in ${repository}`, { repository, tag });
  }
}

/** The artifact does not have the tag, whatever others have. */
export class TagNotFoundError extends AppError {
  readonly code = 'TAG_NOT_FOUND';
  readonly kind = 'not-found';
  constructor(repository: RepositoryName, tag: string) {
    super(`the artifact of ${repository} has no tag ${tag}`, { repository, tag });
  }
}
