import { AppError } from '@breakwater/errors';

/** The path is served, but not by this method. */
export class MethodNotAllowedError extends AppError {
  readonly code = 'METHOD_NOT_ALLOWED';
  readonly kind = 'invalid';
  constructor(
    method: string,
    readonly allowed: readonly string[],
  ) {
    super(`${method} is not served here`, { allowed });
  }
}
