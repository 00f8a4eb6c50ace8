import { AppError } from '@breakwater/errors';
import type { RepositoryName } from '@breakwater/oci';

/** Nothing was ever pushed there, or all of it is deleted. */
export class RepositoryUnknownError extends AppError {
  readonly code = 'NAME_UNKNOWN';
  readonly kind = 'not-found';
  constructor(name: RepositoryName) {
    super(`repository ${name} is not known`, { name });
  }
}

/** To a reader, what cannot be a tag or a digest is what does not exist. */
export class ReferenceUnknownError extends AppError {
  readonly code = 'MANIFEST_UNKNOWN';
  readonly kind = 'not-found';
  constructor(name: RepositoryName, text: string) {
    super(`${name} has no such manifest`, { name, reference: text.slice(0, LONGEST_SHOWN) });
  }
}

/** More `tag` parameters than one push may have. */
export class TooManyTagsError extends AppError {
  readonly code = 'TOO_MANY_TAGS';
  readonly kind = 'invalid';
  constructor(limit: number) {
    super(`a manifest takes at most ${limit} tags at once`, { limit });
  }
}

const LONGEST_SHOWN = 160;
