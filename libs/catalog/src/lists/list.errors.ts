import { AppError } from '@breakwater/errors';

/** A term of `q` that makes no sense for its key. */
export class InvalidListQueryError extends AppError {
  readonly code = 'INVALID_QUERY';
  readonly kind = 'invalid';
  constructor(reason: string) {
    super(`invalid query: ${reason}`);
  }
}
