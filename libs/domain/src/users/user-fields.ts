import { AppError } from '@breakwater/errors';

export interface UserProfile {
  readonly email: string;
  readonly realname: string;
  readonly comment: string;
}

/** In characters; the comment's limit is Harbor's. */
export const USER_NAME_MAX_LENGTH = 255;
export const USER_COMMENT_MAX_LENGTH = 30;

/**
 * A user name, as it was given: 1 to 255 characters, none of `, " ~ # % $` and no control character. `$` marks robots
 * and `#` the names of deleted accounts.
 *
 * @throws InvalidUserFieldError
 */
export function parseUserName(text: string): string {
  return parseName('username', text);
}

/**
 * Profile fields of a new or changed user; what is not given counts as empty.
 *
 * @throws InvalidUserFieldError  names the first field that is wrong.
 */
export function parseUserProfile(given: Partial<Readonly<Record<keyof UserProfile, string | null>>>): UserProfile {
  const email = given.email ?? '';
  if (!isEmail(email)) throw new InvalidUserFieldError('email', 'expected an address such as name@example.com');
  const comment = given.comment ?? '';
  if ([...comment].length > USER_COMMENT_MAX_LENGTH) {
    throw new InvalidUserFieldError('comment', `at most ${USER_COMMENT_MAX_LENGTH} characters`);
  }
  return { email, realname: parseName('realname', given.realname ?? ''), comment };
}

/** One `@`, a local part without quotes or separators, and a domain of at least two labels. At most 255 characters. */
export function isEmail(text: string): boolean {
  return (
    text.length <= 255 &&
    /^[^\s@<>()[\]\\,;:"\p{Cc}]+@[^@]+$/u.test(text) &&
    isDomain(text.slice(text.indexOf('@') + 1))
  );
}

export class InvalidUserFieldError extends AppError {
  readonly code = 'INVALID_USER_FIELD';
  readonly kind = 'invalid';

  constructor(field: 'username' | 'email' | 'realname' | 'comment', reason: string) {
    super(`invalid ${field}: ${reason}`, { field });
  }
}

function parseName(field: 'username' | 'realname', text: string): string {
  const length = [...text].length;
  if (length < 1 || length > USER_NAME_MAX_LENGTH) {
    throw new InvalidUserFieldError(field, `1 to ${USER_NAME_MAX_LENGTH} characters`);
  }
  if (/[,"~#%$\p{Cc}]/u.test(text)) {
    throw new InvalidUserFieldError(field, 'none of , " ~ # % $ and no control characters');
  }
  return text;
}

function isDomain(text: string): boolean {
  const labels = text.split('.');
  const last = labels.at(-1) ?? '';
  return (
    labels.length > 1 &&
    last.length > 1 &&
    labels.every((label) => /^[\p{L}\p{N}](?:[\p{L}\p{N}-]*[\p{L}\p{N}])?$/u.test(label))
  );
}
