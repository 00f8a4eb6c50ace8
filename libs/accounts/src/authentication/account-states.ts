import { CachedLookup, type Database, type PreparedStatement } from '@breakwater/database';
import type { UserActor } from '@breakwater/rbac';
import type { Clock } from '../ports.js';

/** What every use of a credential asks of its account. */
export interface AccountState {
  readonly id: number;
  readonly username: string;
  readonly email: string;
  readonly isSystemAdmin: boolean;
  readonly isDisabled: boolean;
  readonly incarnation: string;
}

/**
 * Accounts as they were at most `ttlMs` ago; after a notice, as they are now. Null for deleted and unknown ids.
 */
export class AccountStates {
  private readonly lookup: CachedLookup<number, AccountState | null>;

  constructor(database: Database, clock: Clock, ttlMs: number) {
    this.lookup = new CachedLookup({
      ttlMs,
      maxEntries: 50_000,
      maxBatch: 256,
      concurrency: 2,
      nowMs: () => clock.monotonicMs(),
      find: async (ids) => {
        const rows = await database.rows<AccountState>(FIND, [ids]);
        const byId = new Map(rows.map((row) => [row.id, row]));
        return ids.map((id) => byId.get(id) ?? null);
      },
    });
  }

  find(accountId: number): Promise<AccountState | null> {
    return this.lookup.get(accountId);
  }

  /**
   * Who the account is, if it is still the one that a credential was made for.
   *
   * @returns null when it was disabled or deleted, or its credentials ended with another incarnation.
   */
  async findActor(accountId: number, incarnation: string): Promise<UserActor | null> {
    let state = await this.find(accountId);
    if (state && state.incarnation < incarnation) {
      // Incarnations are UUIDs of version 7, which grow: the credential is younger than what is remembered.
      this.forget([accountId]);
      state = await this.find(accountId);
    }
    return state && !state.isDisabled && state.incarnation === incarnation ? actorOf(state) : null;
  }

  forget(accountIds: readonly number[]): void {
    for (const id of accountIds) this.lookup.forget(id);
  }

  forgetAll(): void {
    this.lookup.forgetAll();
  }
}

export function actorOf(state: Pick<AccountState, 'id' | 'username' | 'isSystemAdmin' | 'incarnation'>): UserActor {
  const { id, username, isSystemAdmin, incarnation } = state;
  return { kind: 'user', accountId: id, name: username, isSystemAdmin, incarnation };
}

const FIND: PreparedStatement = {
  name: 'accounts.find-states',
  text: `
    SELECT id, username, email, is_system_admin AS "isSystemAdmin", is_disabled AS "isDisabled", incarnation
    FROM account WHERE id = ANY($1::integer[]) AND deleted_at IS NULL`,
};
