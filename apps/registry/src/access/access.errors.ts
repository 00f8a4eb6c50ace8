import { AppError } from '@breakwater/errors';
import type { TokenAccess } from '@breakwater/rbac';

/**
 * 401 with a challenge. The one refusal of the data plane for whoever may not: no credentials, wrong ones, too small a
 * token, too few rights, a project that is not there. As in Harbor there is no 403 for it, so that the answers for
 * "not yours" and "not there" cannot differ.
 */
export class AccessRefusedError extends AppError {
  readonly code = 'UNAUTHORIZED';
  readonly kind = 'unauthenticated';

  constructor(
    message: string,
    /** What a token would have to allow. */
    readonly scopes: readonly TokenAccess[],
    /** The `error` of the challenge; absent when no credentials came. */
    readonly challengeError?: 'invalid_token' | 'insufficient_scope',
    options?: { cause?: unknown },
  ) {
    super(message, {}, options);
  }
}

/** A repository of a project that does not exist. Only those who may see every project are told. */
export class ProjectUnknownError extends AppError {
  readonly code = 'NAME_UNKNOWN';
  readonly kind = 'not-found';
  constructor(name: string) {
    super(`the project of ${name} does not exist`, { name });
  }
}
