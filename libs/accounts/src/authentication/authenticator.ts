import { ANONYMOUS, type ScannerActor, type UserActor } from '@breakwater/rbac';
import { InvalidCredentialsError, InvalidTokenError } from '../accounts.errors.js';
import type { AccountRepository, AccountCredentials } from '../accounts/account.repository.js';
import { NO_LISTENER, type SignInListener } from '../ports.js';
import type { AttemptThrottle } from '../passwords/attempt-throttle.js';
import type { PasswordHasher } from '../passwords/password-hasher.js';
import type { PullCredentials } from '../pull-credentials/pull-credentials.js';
import type { TokenHolder, TokenIdentity } from '../tokens/token-identity.js';
import type { RegistryClaims } from '../tokens/registry-claims.js';
import type { TokenVerifier } from '../tokens/token-verifier.js';
import { actorOf, type AccountStates } from './account-states.js';
import type { VerifiedCredentials } from './verified-credentials.js';

/** Makes an Actor of what a caller presents. Every app asks here and nowhere else. */
export class Authenticator {
  /** One check at a time for equal credentials: a client with ten connections costs one hash. */
  private readonly checks = new Map<string, Promise<unknown>>();

  constructor(
    private readonly accounts: AccountRepository,
    private readonly states: AccountStates,
    private readonly credentials: VerifiedCredentials,
    private readonly throttle: AttemptThrottle,
    private readonly hasher: PasswordHasher,
    private readonly tokens: TokenVerifier,
    private readonly pullCredentials: PullCredentials,
    private readonly listener: SignInListener = NO_LISTENER,
  ) {}

  /**
   * @param principal  user name or e-mail address, as the caller typed it; or the name of a scan's pull credential.
   * @param source  address of the peer (behind a proxy: the client's), for slowing down guesses; null skips that.
   * @throws InvalidCredentialsError  unknown, wrong, disabled or deleted: the same error after the same work.
   * @throws TooManyAttemptsError, SignInOverloadedError
   */
  async byPassword(
    principal: string,
    password: string,
    source: string | null = null,
  ): Promise<UserActor | ScannerActor> {
    if (this.pullCredentials.isUsername(principal)) return this.byPullCredential(principal, password);
    const key = this.credentials.keyOf(principal, password);
    for (;;) {
      const actor = await this.findVerified(key, principal);
      if (actor) return actor;
      const running = this.checks.get(key);
      if (!running) break;
      await running.catch(() => undefined); // if it succeeded the answer is known now; else it is our turn
    }
    const check = this.check(key, principal, password, source).finally(() => this.checks.delete(key));
    this.checks.set(key, check);
    return check;
  }

  /**
   * @throws InvalidTokenError  not ours, expired, its account was disabled, deleted or changed its password, or its scan
   *   has ended.
   */
  async byToken(token: string): Promise<TokenIdentity> {
    const { access, projects, issuedAt, expiresAt, ...holder } = await this.tokens.verify(token);
    return { actor: await this.holderOf(holder), access, projects, issuedAt, expiresAt };
  }

  private async holderOf({ account, scan }: Pick<RegistryClaims, 'account' | 'scan'>): Promise<TokenHolder> {
    if (scan !== null) {
      const scanner = await this.pullCredentials.findActor(scan);
      if (scanner === null) throw new InvalidTokenError('scan-ended');
      return scanner;
    }
    if (account === null) return ANONYMOUS;
    const user = await this.states.findActor(account.id, account.incarnation);
    if (user === null) throw new InvalidTokenError('account-changed');
    return user;
  }

  private async byPullCredential(username: string, secret: string): Promise<ScannerActor> {
    const scanner = await this.pullCredentials.verify(username, secret);
    if (scanner === null) throw new InvalidCredentialsError();
    return scanner;
  }

  private async findVerified(key: string, principal: string): Promise<UserActor | null> {
    const verified = this.credentials.find(key);
    if (!verified) return null;
    const state = await this.states.find(verified.accountId);
    const isStillTheirs =
      state?.incarnation === verified.incarnation &&
      !state.isDisabled &&
      (state.username === principal || state.email.toLowerCase() === principal.toLowerCase());
    if (isStillTheirs) return actorOf(state);
    this.credentials.forget(key);
    return null;
  }

  private async check(key: string, principal: string, password: string, source: string | null): Promise<UserActor> {
    const attempt = this.throttle.begin(principal, source);
    try {
      const account = await this.verify(principal, password, source);
      attempt.succeeded();
      this.listener.signInChecked({ username: account.username, source, isSuccess: true });
      this.credentials.remember(key, { accountId: account.id, incarnation: account.incarnation });
      return actorOf(account);
    } catch (error) {
      if (error instanceof InvalidCredentialsError) attempt.failed();
      else attempt.abandoned();
      throw error;
    }
  }

  private async verify(principal: string, password: string, source: string | null): Promise<AccountCredentials> {
    const account = isPlausible(principal, password) ? await this.accounts.findCredentials(principal) : null;
    const stored = account?.passwordHash ?? null;
    const isRight = await this.hasher.verify(stored, isPlausible(principal, password) ? password : '');
    if (!account || stored === null || !isRight || account.isDisabled) {
      this.listener.signInChecked({ username: account?.username ?? null, source, isSuccess: false });
      throw new InvalidCredentialsError();
    }
    if (this.hasher.isOutdated(stored)) await this.renewHash(account.id, stored, password);
    return account;
  }

  /** Not worth failing a sign-in for: the next one tries again. */
  private async renewHash(accountId: number, stored: string, password: string): Promise<void> {
    await this.hasher
      .hash(password)
      .then((renewed) => this.accounts.replaceHash(accountId, stored, renewed))
      .catch(() => undefined);
  }
}

/** Text that no account can have is not asked of the database (which refuses NUL) nor hashed at length. */
function isPlausible(principal: string, password: string): boolean {
  return principal.length <= 1024 && password.length <= 1024 && !`${principal}${password}`.includes('\0');
}
