import { AppError } from '@breakwater/errors';

/**
 * Parameters or a body that do not have the shape the operation declares: 422 with a line for each fault.
 * A value of the right shape that a rule refuses is the rule's own error, 400.
 */
export class ValidationFailedError extends AppError {
  readonly code = 'VALIDATION_FAILED';
  readonly kind = 'invalid';

  /** @param faults  one sentence each, e.g. `page_size in query must not be greater than 100`. */
  constructor(
    readonly faults: readonly string[],
    options?: { cause?: unknown },
  ) {
    super(`validation failure list:\n${faults.join('\n')}`, { faults }, options);
  }
}

/** The request's path or query string cannot be read: a bad escape, a `;`, a NUL. */
export class UnreadableTargetError extends AppError {
  readonly code = 'UNREADABLE_TARGET';
  readonly kind = 'invalid';

  constructor(reason: string) {
    super(reason);
  }
}

/** `q` or `sort` do not follow their grammar, or a value does not fit its field. */
export class InvalidQueryError extends AppError {
  readonly code = 'INVALID_QUERY';
  readonly kind = 'invalid';

  constructor(reason: string) {
    super(`invalid query: ${reason}`);
  }
}

/** No operation has this path. */
export class UnknownPathError extends AppError {
  readonly code = 'UNKNOWN_PATH';
  readonly kind = 'not-found';

  constructor() {
    super('no operation has this path');
  }
}

/** The path exists, for other verbs. */
export class MethodNotAllowedError extends AppError {
  readonly code = 'METHOD_NOT_ALLOWED';
  readonly kind = 'invalid';

  constructor(readonly allowed: readonly string[]) {
    super(`this path takes ${allowed.join(', ')}`, { allowed });
  }
}
