import { AppError } from '@breakwater/errors';

/** Another service, or a grant that there is not. */
export class InvalidTokenRequestError extends AppError {
  readonly code = 'INVALID_TOKEN_REQUEST';
  readonly kind = 'invalid';

  constructor(reason: string) {
    super(reason.slice(0, 200));
  }
}
