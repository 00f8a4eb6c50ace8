import { AppError } from '@breakwater/errors';

/**
 * No such user, a wrong password, a disabled or deleted account: one answer for all, so that nobody learns which.
 */
export class InvalidCredentialsError extends AppError {
  readonly code = 'INVALID_CREDENTIALS';
  readonly kind = 'unauthenticated';
  constructor(options?: { cause?: unknown }) {
    super('invalid user name or password', {}, options);
  }
}

/** Not our token, expired, changed, or its account has since lost it. The reason is for the log, not for the caller. */
export class InvalidTokenError extends AppError {
  readonly code = 'INVALID_TOKEN';
  readonly kind = 'unauthenticated';
  constructor(
    readonly reason: InvalidTokenReason,
    options?: { cause?: unknown },
  ) {
    super('the token is not valid', {}, options);
  }
}
export type InvalidTokenReason =
  | 'malformed'
  | 'unknown-key'
  | 'bad-signature'
  | 'expired'
  | 'not-yet-valid'
  | 'wrong-audience'
  | 'account-changed'
  | 'scan-ended';

/** Too many wrong passwords for this name from this address. The right one is asked again after the wait. */
export class TooManyAttemptsError extends AppError {
  readonly code = 'TOO_MANY_ATTEMPTS';
  readonly kind = 'too-many';
  constructor(readonly retryAfterSeconds: number) {
    super(`too many failed attempts; try again in ${retryAfterSeconds} s`, { retryAfterSeconds });
  }
}

/** More sign-ins wait for a password check than this process takes on. */
export class SignInOverloadedError extends AppError {
  readonly code = 'UNAVAILABLE';
  readonly kind = 'unavailable';
  constructor() {
    super('too many sign-ins at once; try again');
  }
}

export class AccountNotFoundError extends AppError {
  readonly code = 'USER_NOT_FOUND';
  readonly kind = 'not-found';
  constructor(account: number | string) {
    super(`user ${account} is not found`);
  }
}

/** The user name or the e-mail address belongs to somebody else. */
export class AccountConflictError extends AppError {
  readonly code = 'USER_CONFLICT';
  readonly kind = 'conflict';
  constructor(
    readonly field: 'username' | 'email',
    value: string,
    options?: { cause?: unknown },
  ) {
    super(`the ${field} ${value} is in use`, { field }, options);
  }
}

export class CurrentPasswordError extends AppError {
  readonly code = 'CURRENT_PASSWORD_INCORRECT';
  readonly kind = 'forbidden';
  constructor() {
    super('Current password is incorrect');
  }
}

export class SamePasswordError extends AppError {
  readonly code = 'SAME_PASSWORD';
  readonly kind = 'invalid';
  constructor() {
    super('the new password must differ from the current one');
  }
}

/** One's own account and the first one are not deleted; nobody takes away the last administrator. */
export class AccountProtectedError extends AppError {
  readonly code = 'USER_PROTECTED';
  readonly kind = 'forbidden';
  constructor(message: string) {
    super(message);
  }
}

export class MemberNotFoundError extends AppError {
  readonly code = 'MEMBER_NOT_FOUND';
  readonly kind = 'not-found';
  constructor(memberId: number) {
    super(`member ${memberId} of the project is not found`);
  }
}

/** The project was deleted while somebody was added to it. */
export class MemberProjectGoneError extends AppError {
  readonly code = 'MEMBER_PROJECT_GONE';
  readonly kind = 'not-found';
  constructor(projectId: number) {
    super(`project ${projectId} is not found`);
  }
}

export class MemberConflictError extends AppError {
  readonly code = 'MEMBER_CONFLICT';
  readonly kind = 'conflict';
  constructor(name: string, options?: { cause?: unknown }) {
    super(`${name} is already a member of the project`, {}, options);
  }
}

export class InvalidRoleError extends AppError {
  readonly code = 'INVALID_ROLE';
  readonly kind = 'invalid';
  constructor(roleId: unknown) {
    super(`role id ${String(roleId)} is not one of 1, 2, 3, 4, 5`);
  }
}

/** The body names nobody, or a user id that does not exist (400 as in Harbor; an unknown name is 404). */
export class InvalidMemberError extends AppError {
  readonly code = 'INVALID_MEMBER';
  readonly kind = 'invalid';
  constructor(message: string) {
    super(message);
  }
}

/** The stored private key cannot be opened with the key ring of this process. Rotating makes a new one. */
export class SigningKeySealedError extends AppError {
  readonly code = 'SIGNING_KEY_SEALED';
  readonly kind = 'internal';
  constructor(kid: string, cause: unknown) {
    super('the signing key cannot be opened with the present secret key', { kid }, { cause });
  }
}

/** The project was deleted while a scan of it began. */
export class PullCredentialProjectGoneError extends AppError {
  readonly code = 'PULL_CREDENTIAL_PROJECT_GONE';
  readonly kind = 'not-found';
  constructor(repository: string) {
    super(`the project of ${repository} is not there any more`);
  }
}

/** A refresh token that is unknown, expired, revoked, or whose account has changed since. */
export class InvalidRefreshTokenError extends AppError {
  readonly code = 'INVALID_REFRESH_TOKEN';
  readonly kind = 'unauthenticated';
  constructor() {
    super('the refresh token is not valid');
  }
}
