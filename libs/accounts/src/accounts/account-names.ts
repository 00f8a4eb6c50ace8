import { UniqueViolationError, type Transaction, type UnitOfWork } from '@breakwater/database';
import { AccountConflictError } from '../accounts.errors.js';
import type { AccountRepository } from './account.repository.js';

/** What an account can be called at a sign-in. */
export interface Names {
  readonly username?: string;
  readonly email?: string;
}

/** Keeps apart what accounts can be called. */
export class AccountNames {
  constructor(
    private readonly repository: AccountRepository,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  /**
   * A unit of work that gives `names` to an account.
   *
   * @param accountId  whose they become; 0 for a new one.
   * @throws AccountConflictError  with the field: somebody has the name, or it is somebody's e-mail address (or the
   *   other way round), which would keep that somebody from signing in with it.
   */
  async claim<T>(accountId: number, names: Names, work: (tx: Transaction) => Promise<T>): Promise<T> {
    try {
      return await this.unitOfWork.run(async (tx) => {
        await this.checkNamesakes(tx, accountId, names);
        return work(tx);
      });
    } catch (error) {
      if (!(error instanceof UniqueViolationError)) throw error;
      const field = error.constraint === 'account_email_key' ? 'email' : 'username';
      throw new AccountConflictError(field, names[field] ?? '', { cause: error });
    }
  }

  private async checkNamesakes(tx: Transaction, accountId: number, names: Names): Promise<void> {
    for (const field of ['username', 'email'] as const) {
      const value = names[field];
      if (value === undefined) continue;
      if (await this.repository.hasNamesake(tx, field, value, accountId)) throw new AccountConflictError(field, value);
    }
  }
}
