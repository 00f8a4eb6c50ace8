import type { AnonymousActor, ScannerActor, TokenAccess, UserActor } from '@breakwater/rbac';

/** Who can hold a token of the registry. */
export type TokenHolder = AnonymousActor | UserActor | ScannerActor;

/** What a verified token says, joined with what the account is now. */
export interface TokenIdentity {
  /** Name and rights as they are now, not as they were when the token was made. */
  readonly actor: TokenHolder;
  /** The most that the token allows. What it is worth now is this ∩ the actor's live rights. */
  readonly access: readonly TokenAccess[];
  /**
   * Incarnation by project name, of every project that `access` names. A project whose incarnation differs was made
   * again under the old name, and the token is worth nothing there.
   */
  readonly projects: Readonly<Record<string, string>>;
  readonly issuedAt: Date;
  readonly expiresAt: Date;
}

export interface IssuedToken {
  readonly token: string;
  readonly expiresInSeconds: number;
  readonly issuedAt: Date;
  /** What the token carries: `access` as asked, or its first entries when all of them would make it too long. */
  readonly access: readonly TokenAccess[];
}
