import { AppError } from '@breakwater/errors';

/** In characters. */
export const PASSWORD_MIN_LENGTH = 8;
export const PASSWORD_MAX_LENGTH = 128;

/** What a password lacks, in words; empty when it is strong enough. The password itself is never in an answer. */
export function passwordFaults(password: string): string[] {
  const length = [...password].length;
  return [
    length < PASSWORD_MIN_LENGTH && `at least ${PASSWORD_MIN_LENGTH} characters`,
    length > PASSWORD_MAX_LENGTH && `at most ${PASSWORD_MAX_LENGTH} characters`,
    !/[A-Z]/.test(password) && 'an upper-case letter',
    !/[a-z]/.test(password) && 'a lower-case letter',
    !/[0-9]/.test(password) && 'a digit',
  ].filter((fault) => fault !== false);
}

/**
 * Passwords of users, secrets of robots that somebody chose, and CLI secrets.
 *
 * @throws WeakPasswordError  8 to 128 characters with an upper-case letter, a lower-case letter and a digit, or else.
 */
export function checkPassword(password: string): void {
  const faults = passwordFaults(password);
  if (faults.length > 0) throw new WeakPasswordError(faults);
}

export class WeakPasswordError extends AppError {
  readonly code = 'WEAK_PASSWORD';
  readonly kind = 'invalid';

  constructor(faults: readonly string[]) {
    super(`the password or secret needs ${faults.join(', ')}`, { faults });
  }
}
