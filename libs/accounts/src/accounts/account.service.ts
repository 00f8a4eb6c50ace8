import type { Transaction, UnitOfWork } from '@breakwater/database';
import { checkPassword, parseUserName, parseUserProfile } from '@breakwater/domain';
import type { Actor } from '@breakwater/rbac';
import {
  AccountNotFoundError,
  AccountProtectedError,
  CurrentPasswordError,
  SamePasswordError,
} from '../accounts.errors.js';
import type { AttemptThrottle } from '../passwords/attempt-throttle.js';
import type { PasswordHasher } from '../passwords/password-hasher.js';
import {
  FIRST_ADMIN_ID,
  FIRST_ADMIN_USERNAME,
  type Account,
  type AccountPage,
  type FoundAccount,
  type NewAccount,
} from './account.js';
import { accountOf, AccountEntity } from './account.entity.js';
import type { AccountNames } from './account-names.js';
import { isRowId } from '../row-id.js';
import type { AccountNews } from './account-news.js';
import type { AccountQuery, AccountRepository } from './account.repository.js';

/**
 * People's accounts. Who may do what was decided before (libs/rbac); what holds for everybody is kept here: nobody
 * deletes or disables himself, the first account stays, and there is always an administrator who can sign in.
 *
 * Whatever takes rights away gives the account a new incarnation, which ends its tokens within seconds.
 */
export class AccountService {
  constructor(
    private readonly repository: AccountRepository,
    private readonly unitOfWork: UnitOfWork,
    private readonly names: AccountNames,
    private readonly hasher: PasswordHasher,
    private readonly throttle: AttemptThrottle,
    private readonly news: AccountNews,
  ) {}

  /**
   * Makes the account `admin` with id 1 when there is none; several replicas may try at once.
   *
   * @param password  there is no default: made by the caller, or given by whoever installs.
   * @returns whether this call made it, so that one replica shows the password.
   * @throws WeakPasswordError
   */
  async ensureFirstAdmin({ password }: { password: string }): Promise<{ isNew: boolean }> {
    if (await this.repository.find(FIRST_ADMIN_ID)) return { isNew: false };
    checkPassword(password);
    const passwordHash = await this.hasher.hash(password);
    const isNew = await this.unitOfWork.run((tx) =>
      this.repository.insertFirst(tx, {
        username: FIRST_ADMIN_USERNAME,
        email: 'admin@example.com',
        realname: 'system admin',
        comment: 'admin user',
        passwordHash,
      }),
    );
    return { isNew };
  }

  /** @throws InvalidUserFieldError, WeakPasswordError, AccountConflictError */
  async create(actor: Actor, given: NewAccount): Promise<Account> {
    const username = parseUserName(given.username);
    const profile = parseUserProfile({ email: given.email, realname: given.realname, comment: given.comment ?? '' });
    checkPassword(given.password);
    const passwordHash = await this.hasher.hash(given.password);
    return this.names.claim(0, { username, email: profile.email }, async (tx) => {
      const isSystemAdmin = given.isSystemAdmin ?? false;
      const entity = tx.manager.create(AccountEntity, { ...profile, username, passwordHash, isSystemAdmin });
      await tx.manager.insert(AccountEntity, entity);
      await this.news.created(tx, actor, entity);
      return accountOf(entity);
    });
  }

  find(accountId: number): Promise<Account | null> {
    return this.repository.find(accountId);
  }

  /** @throws AccountNotFoundError */
  async get(accountId: number): Promise<Account> {
    const account = await this.repository.find(accountId);
    if (!account) throw new AccountNotFoundError(accountId);
    return account;
  }

  findByUsername(username: string): Promise<Account | null> {
    return this.repository.findByUsername(username);
  }

  /** Names by id, of deleted accounts too: owners of projects, for one. */
  usernames(accountIds: readonly number[]): Promise<ReadonlyMap<number, string>> {
    return this.repository.usernames(accountIds);
  }

  /** Is the user name or the e-mail address in use? */
  isTaken(field: 'username' | 'email', value: string): Promise<boolean> {
    return this.repository.isTaken(field, value);
  }

  /** All but the first account, as Harbor's list has it. */
  list(query: AccountQuery): Promise<AccountPage> {
    return this.repository.list(query);
  }

  /** Accounts whose user name contains `part`, by case. */
  search(part: string, { limit, offset }: { limit: number | null; offset: number }): Promise<FoundAccounts> {
    return this.repository.search(part, limit, offset);
  }

  /** What is not given becomes empty, as in Harbor. @throws InvalidUserFieldError, AccountNotFoundError, AccountConflictError */
  async updateProfile(
    actor: Actor,
    accountId: number,
    given: { email: string; realname: string; comment?: string | null },
  ): Promise<void> {
    const profile = parseUserProfile({ ...given, comment: given.comment ?? '' });
    // Namesakes are looked for first, with an id that a column can hold.
    if (!isRowId(accountId)) throw new AccountNotFoundError(accountId);
    await this.names.claim(accountId, { email: profile.email }, async (tx) => {
      const account = await this.getForUpdate(tx, accountId);
      await tx.manager.update(AccountEntity, accountId, profile);
      await this.news.updated(tx, actor, account, 'profile');
    });
  }

  /** @throws AccountNotFoundError, AccountProtectedError (the last administrator) */
  async setSystemAdmin(actor: Actor, accountId: number, isSystemAdmin: boolean): Promise<void> {
    await this.unitOfWork.run(async (tx) => {
      if (!isSystemAdmin) await this.checkAnotherAdmin(tx, accountId);
      const account = await this.getForUpdate(tx, accountId);
      if (account.isSystemAdmin === isSystemAdmin) return;
      await tx.manager.update(AccountEntity, accountId, { isSystemAdmin, ...(isSystemAdmin ? {} : NEW_INCARNATION) });
      await this.news.updated(tx, actor, account, isSystemAdmin ? 'made-administrator' : 'no-administrator');
    });
  }

  /** Disabling ends every token and sign-in; enabling brings none of them back. @throws AccountProtectedError */
  async setDisabled(actor: Actor, accountId: number, isDisabled: boolean): Promise<void> {
    if (isDisabled && isSelf(actor, accountId)) throw new AccountProtectedError('nobody can disable their own account');
    await this.unitOfWork.run(async (tx) => {
      if (isDisabled) await this.checkAnotherAdmin(tx, accountId);
      const account = await this.getForUpdate(tx, accountId);
      if (account.isDisabled === isDisabled) return;
      await tx.manager.update(AccountEntity, accountId, { isDisabled, ...(isDisabled ? NEW_INCARNATION : {}) });
      await this.news.updated(tx, actor, account, isDisabled ? 'disabled' : 'enabled');
    });
  }

  /**
   * One's own password needs the old one, whoever one is; somebody else's does not.
   *
   * @throws CurrentPasswordError  the old password is wrong, or was changed at the same moment.
   * @throws WeakPasswordError, SamePasswordError, AccountNotFoundError, TooManyAttemptsError
   */
  async changePassword(actor: Actor, accountId: number, given: PasswordChange): Promise<void> {
    const isOwn = isSelf(actor, accountId);
    const { username, passwordHash: stored } = await this.getCredentials(accountId);
    if (isOwn) await this.checkCurrent(accountId, username, stored, given.oldPassword ?? '');
    checkPassword(given.newPassword);
    const isSame = isOwn
      ? given.newPassword === given.oldPassword
      : stored !== null && (await this.hasher.verify(stored, given.newPassword));
    if (isSame) throw new SamePasswordError();
    const passwordHash = await this.hasher.hash(given.newPassword);
    await this.unitOfWork.run(async (tx) => {
      const account = await this.getForUpdate(tx, accountId);
      if (isOwn && account.passwordHash !== stored) throw new CurrentPasswordError();
      await tx.manager.update(AccountEntity, accountId, { passwordHash, ...NEW_INCARNATION });
      await this.news.updated(tx, actor, account, 'password');
    });
  }

  /**
   * The row stays for the audit; the name and the address are free again, memberships are gone.
   *
   * @throws AccountProtectedError  oneself, the first account, or the last administrator.
   */
  async delete(actor: Actor, accountId: number): Promise<void> {
    if (isSelf(actor, accountId)) throw new AccountProtectedError('nobody can delete their own account');
    if (accountId === FIRST_ADMIN_ID) throw new AccountProtectedError('the first account cannot be deleted');
    await this.unitOfWork.run(async (tx) => {
      await this.checkAnotherAdmin(tx, accountId);
      const account = await this.getForUpdate(tx, accountId);
      const deleted = { deletedAt: () => 'now()', passwordHash: null, ...NEW_INCARNATION };
      await tx.manager.update(AccountEntity, accountId, deleted);
      const projectIds = await this.repository.removeMemberships(tx, accountId);
      await this.news.deleted(tx, actor, account, projectIds);
    });
  }

  private async getForUpdate(tx: Transaction, accountId: number): Promise<AccountEntity> {
    const account = await this.repository.findForUpdate(tx, accountId);
    if (!account) throw new AccountNotFoundError(accountId);
    return account;
  }

  private async getCredentials(accountId: number): Promise<{ username: string; passwordHash: string | null }> {
    const credentials = await this.repository.findCredentialsById(accountId);
    if (!credentials) throw new AccountNotFoundError(accountId);
    return credentials;
  }

  /** Whoever holds a stolen session shall not guess faster than whoever stands outside. */
  private async checkCurrent(id: number, username: string, stored: string | null, password: string): Promise<void> {
    const attempt = this.throttle.begin(username, `session of account ${id}`);
    const isRight = await this.hasher.verify(stored, password).catch((error: unknown) => {
      attempt.abandoned();
      throw error;
    });
    if (!isRight) {
      attempt.failed();
      throw new CurrentPasswordError();
    }
    attempt.succeeded();
  }

  /** Locks the administrators before the account itself, as everybody here does. */
  private async checkAnotherAdmin(tx: Transaction, accountId: number): Promise<void> {
    const admins = await this.repository.lockActiveAdmins(tx);
    if (admins.length === 1 && admins[0] === accountId) {
      throw new AccountProtectedError('the last administrator who can sign in has to stay');
    }
  }
}

export interface PasswordChange {
  /** Needed for one's own. */
  readonly oldPassword?: string | null;
  readonly newPassword: string;
}

interface FoundAccounts {
  readonly items: readonly FoundAccount[];
  readonly total: number;
}

const NEW_INCARNATION = { incarnation: () => 'uuidv7()' };

function isSelf(actor: Actor, accountId: number): boolean {
  return actor.kind === 'user' && actor.accountId === accountId;
}
