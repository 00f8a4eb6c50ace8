import type { UnitOfWork } from '@breakwater/database';
import type { UserActor } from '@breakwater/rbac';
import { hash, randomBytes } from 'node:crypto';
import { InvalidRefreshTokenError } from '../accounts.errors.js';
import { actorOf } from '../authentication/account-states.js';
import type { RefreshToken, RefreshTokenRepository } from './refresh-token.repository.js';

export interface RefreshTokenOptions {
  /** Life of a refresh token. Clients that store one, such as docker, never store its successor: it is not renewed. */
  readonly ttlSeconds: number;
  /** Most of them that one account has; a new one pushes out the oldest. */
  readonly maxPerAccount: number;
}

export const DEFAULT_REFRESH_TOKENS: RefreshTokenOptions = { ttlSeconds: 90 * 24 * 3600, maxPerAccount: 100 };

/**
 * What a client keeps instead of a password: `grant_type=refresh_token` of the token endpoint. Random text of which
 * only the SHA-256 is stored, worth nothing once the account has another incarnation.
 */
export class RefreshTokens {
  constructor(
    private readonly repository: RefreshTokenRepository,
    private readonly unitOfWork: UnitOfWork,
    private readonly options: RefreshTokenOptions = DEFAULT_REFRESH_TOKENS,
  ) {}

  /** For `access_type=offline`. @param client  what the client calls itself (`client_id`). */
  async issue(actor: UserActor, client: string): Promise<{ token: string; expiresAt: Date }> {
    const token = `${PREFIX}${randomBytes(32).toString('base64url')}`;
    const { ttlSeconds, maxPerAccount } = this.options;
    const { accountId, incarnation } = actor;
    const expiresAt = await this.unitOfWork.run(async (tx) => {
      // Whoever makes one sweeps a few that are over: one account has so many at most, so no sweeper is needed.
      await this.repository.deleteExpired(tx, SWEPT_AT_ONCE);
      const row = { accountId, incarnation, digest: digestOf(token), client: shownClient(client), ttlSeconds };
      const until = await this.repository.insert(tx, row);
      await this.repository.trim(tx, accountId, maxPerAccount);
      return until;
    });
    return { token, expiresAt };
  }

  /**
   * Whose token this is. It stays good: clients use one for months.
   *
   * @throws InvalidRefreshTokenError
   */
  async redeem(token: string): Promise<UserActor> {
    const account = FORM.test(token) ? await this.repository.redeem(digestOf(token)) : null;
    if (!account) throw new InvalidRefreshTokenError();
    return actorOf(account);
  }

  /** Newest first; never their text. */
  list(accountId: number): Promise<readonly RefreshToken[]> {
    return this.repository.list(accountId);
  }

  /** By the one who holds it: signing out. Unknown text is no error. */
  async revoke(token: string): Promise<void> {
    await this.repository.deleteByDigest(digestOf(token));
  }

  /** By the account's owner, from the list. @returns whether there was one. */
  async revokeById(accountId: number, id: string): Promise<boolean> {
    return UUID.test(id) && (await this.repository.delete(accountId, id));
  }
}

/** Lets scanners for leaked secrets recognise one. */
const PREFIX = 'bwr_';
const FORM = /^bwr_[A-Za-z0-9_-]{43}$/;
const SWEPT_AT_ONCE = 10;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

function digestOf(token: string): Buffer {
  return hash('sha256', token, 'buffer');
}

/** A client chooses this text: printable, and short. */
function shownClient(client: string): string {
  return client.replace(/\p{Cc}/gu, '').slice(0, 100);
}
