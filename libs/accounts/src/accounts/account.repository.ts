import type { Database, SqlValue, Transaction } from '@breakwater/database';
import { IsNull } from 'typeorm';
import { isRowId } from '../row-id.js';
import { FIRST_ADMIN_ID, type Account, type AccountPage, type FoundAccount } from './account.js';
import { AccountEntity } from './account.entity.js';

/** What a sign-in needs to know. */
export interface AccountCredentials {
  readonly id: number;
  readonly username: string;
  readonly isSystemAdmin: boolean;
  readonly isDisabled: boolean;
  readonly incarnation: string;
  readonly passwordHash: string | null;
}

/** Which accounts, in which order: conditions over the columns of `account`, as libs/http makes them of `q` and `sort`. */
export interface AccountQuery {
  /** A condition with `$1`…`$n` for `params`, over the columns of `accountFields`. */
  readonly where?: { readonly sql: string; readonly params: readonly SqlValue[] };
  /** The text after ORDER BY; by user name unless given. */
  readonly orderBy?: string;
  /** Null for all. */
  readonly limit: number | null;
  readonly offset: number;
}

export class AccountRepository {
  constructor(private readonly database: Database) {}

  async find(id: number): Promise<Account | null> {
    if (!isRowId(id)) return null;
    const [account] = await this.database.rows<Account>(
      `SELECT ${COLUMNS} FROM account WHERE id = $1 AND deleted_at IS NULL`,
      [id],
    );
    return account ?? null;
  }

  async findByUsername(username: string): Promise<Account | null> {
    const [account] = await this.database.rows<Account>(
      `SELECT ${COLUMNS} FROM account WHERE username = $1 AND deleted_at IS NULL`,
      [username],
    );
    return account ?? null;
  }

  /** Names by id, of deleted accounts too: owners of projects, for one. */
  async usernames(ids: readonly number[]): Promise<ReadonlyMap<number, string>> {
    const rows = await this.database.rows<FoundAccount>('SELECT id, username FROM account WHERE id = ANY($1)', [ids]);
    return new Map(rows.map(({ id, username }) => [id, username]));
  }

  async isTaken(field: 'username' | 'email', value: string): Promise<boolean> {
    const condition = field === 'username' ? 'username = $1' : 'lower(email) = lower($1)';
    const rows = await this.database.rows(`SELECT 1 FROM account WHERE ${condition} AND deleted_at IS NULL`, [value]);
    return rows.length > 0;
  }

  /** By user name or e-mail address; a user name that looks like somebody's address means the user of that name. */
  async findCredentials(principal: string): Promise<AccountCredentials | null> {
    const [row] = await this.database.rows<AccountCredentials>(FIND_CREDENTIALS, [principal]);
    return row ?? null;
  }

  async findCredentialsById(id: number): Promise<Pick<AccountCredentials, 'username' | 'passwordHash'> | null> {
    if (!isRowId(id)) return null;
    const [row] = await this.database.rows<Pick<AccountCredentials, 'username' | 'passwordHash'>>(
      `SELECT username, password_hash AS "passwordHash" FROM account WHERE id = $1 AND deleted_at IS NULL`,
      [id],
    );
    return row ?? null;
  }

  async list({ where, orderBy, limit, offset }: AccountQuery): Promise<AccountPage> {
    const params = where?.params ?? [];
    const listed = `deleted_at IS NULL AND id <> ${FIRST_ADMIN_ID}${where ? ` AND (${where.sql})` : ''}`;
    const [items, counted] = await Promise.all([
      this.database.rows<Account>(
        `SELECT ${COLUMNS} FROM account WHERE ${listed} ORDER BY ${orderBy ?? 'username'}, id
         LIMIT $${params.length + 1} OFFSET $${params.length + 2}`,
        [...params, limit, offset],
      ),
      this.database.rows<{ total: number }>(`SELECT count(*)::integer AS total FROM account WHERE ${listed}`, params),
    ]);
    return { items, total: counted[0]?.total ?? 0 };
  }

  /** Shortest names first, so that who is looked for by the whole name comes first. */
  async search(part: string, limit: number | null, offset: number): Promise<{ items: FoundAccount[]; total: number }> {
    const found = 'deleted_at IS NULL AND strpos(username, $1) > 0';
    const [items, counted] = await Promise.all([
      this.database.rows<FoundAccount>(
        `SELECT id, username FROM account WHERE ${found} ORDER BY length(username), username LIMIT $2 OFFSET $3`,
        [part, limit, offset],
      ),
      this.database.rows<{ total: number }>(`SELECT count(*)::integer AS total FROM account WHERE ${found}`, [part]),
    ]);
    return { items, total: counted[0]?.total ?? 0 };
  }

  /** After a sign-in, with more work than before. Nothing happens when the password was changed meanwhile. */
  async replaceHash(id: number, from: string, to: string): Promise<void> {
    await this.database.rows('UPDATE account SET password_hash = $3 WHERE id = $1 AND password_hash = $2', [
      id,
      from,
      to,
    ]);
  }

  async findForUpdate(tx: Transaction, id: number): Promise<AccountEntity | null> {
    if (!isRowId(id)) return null;
    const lock = { mode: 'pessimistic_write' } as const;
    return tx.manager.findOne(AccountEntity, { where: { id, deletedAt: IsNull() }, lock });
  }

  /** Has somebody else this user name as an e-mail address, or this address as a user name? */
  async hasNamesake(tx: Transaction, field: 'username' | 'email', value: string, exceptId: number): Promise<boolean> {
    const condition = field === 'username' ? 'lower(email) = lower($1)' : 'lower(username) = lower($1)';
    const rows = await tx.rows(`SELECT 1 FROM account WHERE ${condition} AND id <> $2 AND deleted_at IS NULL`, [
      value,
      exceptId,
    ]);
    return rows.length > 0;
  }

  /** @returns false when there is one already. */
  async insertFirst(tx: Transaction, account: FirstAccount): Promise<boolean> {
    const inserted = await tx.execute(
      `INSERT INTO account (id, username, email, realname, comment, password_hash, is_system_admin)
       OVERRIDING SYSTEM VALUE VALUES ($1, $2, $3, $4, $5, $6, true)
       ON CONFLICT (id) DO NOTHING`,
      [FIRST_ADMIN_ID, account.username, account.email, account.realname, account.comment, account.passwordHash],
    );
    return inserted > 0;
  }

  /**
   * The administrators who can sign in, locked: two who take each other's rights at the same moment come one after
   * the other, and the second one sees what the first did.
   */
  async lockActiveAdmins(tx: Transaction): Promise<number[]> {
    const rows = await tx.rows<{ id: number }>(
      `SELECT id FROM account WHERE is_system_admin AND NOT is_disabled AND deleted_at IS NULL ORDER BY id FOR UPDATE`,
    );
    return rows.map((row) => row.id);
  }

  /** @returns the projects that lost the member. */
  async removeMemberships(tx: Transaction, accountId: number): Promise<number[]> {
    const rows = await tx.rows<{ projectId: number }>(
      `DELETE FROM project_member WHERE entity_type = 'u' AND entity_id = $1 RETURNING project_id AS "projectId"`,
      [accountId],
    );
    return rows.map((row) => row.projectId);
  }
}

interface FirstAccount {
  readonly username: string;
  readonly email: string;
  readonly realname: string;
  readonly comment: string;
  readonly passwordHash: string;
}

const COLUMNS = `id, username, email, realname, comment, is_system_admin AS "isSystemAdmin",
  is_disabled AS "isDisabled", created_at AS "createdAt", updated_at AS "updatedAt"`;

const FIND_CREDENTIALS = {
  name: 'accounts.find-credentials',
  text: `
    SELECT id, username, is_system_admin AS "isSystemAdmin", is_disabled AS "isDisabled", incarnation,
           password_hash AS "passwordHash"
    FROM account WHERE deleted_at IS NULL AND (username = $1 OR lower(email) = lower($1))
    ORDER BY username = $1 DESC LIMIT 1`,
};
