import type { Database, Transaction } from '@breakwater/database';
import type { AccountState } from '../authentication/account-states.js';

/** A refresh token as its owner may see it. */
export interface RefreshToken {
  readonly id: string;
  readonly client: string;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly lastUsedAt: Date | null;
}

type RedeemedAccount = Pick<AccountState, 'id' | 'username' | 'isSystemAdmin' | 'incarnation'>;

export class RefreshTokenRepository {
  constructor(private readonly database: Database) {}

  async insert(
    tx: Transaction,
    token: { accountId: number; incarnation: string; digest: Buffer; client: string; ttlSeconds: number },
  ): Promise<Date> {
    const [row] = await tx.rows<{ expiresAt: Date }>(
      `INSERT INTO refresh_token (account_id, incarnation, digest, client, expires_at)
       VALUES ($1, $2, $3, $4, now() + make_interval(secs => $5)) RETURNING expires_at AS "expiresAt"`,
      [token.accountId, token.incarnation, token.digest, token.client, token.ttlSeconds],
    );
    return row?.expiresAt ?? new Date(0);
  }

  /** Deletes the account's oldest ones beyond `keep`. */
  async trim(tx: Transaction, accountId: number, keep: number): Promise<void> {
    await tx.execute(
      `DELETE FROM refresh_token WHERE id IN (
         SELECT id FROM refresh_token WHERE account_id = $1 ORDER BY id DESC OFFSET $2)`,
      [accountId, keep],
    );
  }

  /** Whose token it is, as the account is now; notes the use. Null when it is not good (any more). */
  async redeem(digest: Buffer): Promise<RedeemedAccount | null> {
    const [row] = await this.database.rows<RedeemedAccount & { tokenId: string; isNoted: boolean | null }>(
      `SELECT account.id, account.username, account.is_system_admin AS "isSystemAdmin", account.incarnation,
              token.id AS "tokenId", token.last_used_at > now() - interval '1 hour' AS "isNoted"
       FROM refresh_token token
       JOIN account ON account.id = token.account_id AND account.incarnation = token.incarnation
       WHERE token.digest = $1 AND token.expires_at > now() AND NOT account.is_disabled AND account.deleted_at IS NULL`,
      [digest],
    );
    if (!row) return null;
    if (!row.isNoted) {
      await this.database.rows('UPDATE refresh_token SET last_used_at = now() WHERE id = $1', [row.tokenId]);
    }
    return row;
  }

  list(accountId: number): Promise<RefreshToken[]> {
    return this.database.rows(
      `SELECT token.id, token.client, token.created_at AS "createdAt", token.expires_at AS "expiresAt",
              token.last_used_at AS "lastUsedAt"
       FROM refresh_token token
       JOIN account ON account.id = token.account_id AND account.incarnation = token.incarnation
       WHERE token.account_id = $1 AND token.expires_at > now() ORDER BY token.id DESC`,
      [accountId],
    );
  }

  async delete(accountId: number, id: string): Promise<boolean> {
    const rows = await this.database.rows('DELETE FROM refresh_token WHERE account_id = $1 AND id = $2 RETURNING id', [
      accountId,
      id,
    ]);
    return rows.length > 0;
  }

  async deleteByDigest(digest: Buffer): Promise<void> {
    await this.database.rows('DELETE FROM refresh_token WHERE digest = $1', [digest]);
  }

  /** Of any account. Those whose account has changed since are of no use either, and go when they expire. */
  async deleteExpired(tx: Transaction, limit: number): Promise<void> {
    await tx.execute(
      `DELETE FROM refresh_token WHERE id IN (
         SELECT id FROM refresh_token WHERE expires_at <= now() LIMIT $1 FOR UPDATE SKIP LOCKED)`,
      [limit],
    );
  }
}
