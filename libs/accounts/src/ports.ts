/** The time, for what lives in memory. Rows are stamped by the database. */
export interface Clock {
  now(): Date;
  /** Milliseconds since any fixed moment; never goes back. What is remembered for a while is measured with it. */
  monotonicMs(): number;
}

/** Secrets at rest: the key ring of the deployment (libs/config, `SecretBox`). */
export interface SecretSealer {
  seal(plain: string): string;
  /** @throws when the key that sealed it is no longer in the ring, or the text was changed. */
  open(sealed: string): string;
}

/**
 * Tells the other processes that what they hold in memory is old. Called after the commit; losing a call costs
 * at most the lifetime of a cache entry (2 s by default).
 */
export interface Notifier {
  /** Rights, name or credentials of these accounts changed: `AccountStates.forget`. */
  accountsChanged(accountIds: readonly number[]): void;
  /** Who belongs to the project changed: `MembershipLookup.forgetProject`. */
  membersChanged(projectIds: readonly number[]): void;
  /** A key was made, rotated or withdrawn: `SigningKeys.forget`. */
  signingKeysChanged(): void;
}

/** A password that was checked; one that is remembered from a moment ago is not checked again. */
export interface CheckedSignIn {
  /** Of the account that was meant. Null where there is none: what was typed then may be anything, a password too. */
  readonly username: string | null;
  /** Address of the client, as it was given. */
  readonly source: string | null;
  readonly isSuccess: boolean;
}

/** Is told of sign-ins, e.g. the audit log. Called in the request of an attacker too: it takes note, and no more. */
export interface SignInListener {
  signInChecked(signIn: CheckedSignIn): void;
}

export const NO_LISTENER: SignInListener = { signInChecked: () => undefined };

export const systemClock: Clock = { now: () => new Date(), monotonicMs: () => performance.now() };
