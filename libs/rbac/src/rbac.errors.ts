import { AppError } from '@breakwater/errors';

/** Nobody is signed in, or what was presented is not valid, and the operation needs somebody. */
export class UnauthenticatedError extends AppError {
  readonly code = 'UNAUTHENTICATED';
  readonly kind = 'unauthenticated';

  constructor(message = 'unauthorized', detail: Readonly<Record<string, unknown>> = {}, options?: { cause?: unknown }) {
    super(message, detail, options);
  }
}

/** The caller is known and may not. The message says which permission is missing and who would have it. */
export class ForbiddenError extends AppError {
  readonly code = 'FORBIDDEN';
  readonly kind = 'forbidden';

  constructor(message = 'forbidden', detail: Readonly<Record<string, unknown>> = {}, options?: { cause?: unknown }) {
    super(message, detail, options);
  }
}
