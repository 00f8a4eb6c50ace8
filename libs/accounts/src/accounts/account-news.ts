import type { Outbox, Transaction } from '@breakwater/database';
import { actorName, type Actor } from '@breakwater/rbac';
import type { Notifier } from '../ports.js';

/** Tells of changes to accounts: an event with the transaction, a notice after it. */
export class AccountNews {
  constructor(
    private readonly outbox: Outbox,
    private readonly notifier: Notifier,
  ) {}

  created(tx: Transaction, actor: Actor, account: NamedAccount): Promise<void> {
    return this.tell(tx, 'user-created', actor, account);
  }

  updated(tx: Transaction, actor: Actor, account: NamedAccount): Promise<void> {
    return this.tell(tx, 'user-updated', actor, account);
  }

  async deleted(tx: Transaction, actor: Actor, account: NamedAccount, leftProjectIds: number[]): Promise<void> {
    await this.tell(tx, 'user-deleted', actor, account);
    if (leftProjectIds.length > 0) tx.onCommit(() => this.notifier.membersChanged(leftProjectIds));
  }

  private async tell(tx: Transaction, what: string, actor: Actor, account: NamedAccount): Promise<void> {
    await this.outbox.add(tx, {
      subject: `events.accounts.${what}.v1`,
      key: `account:${account.id}`,
      payload: { userId: account.id, username: account.username, by: actorName(actor), at: new Date().toISOString() },
    });
    tx.onCommit(() => this.notifier.accountsChanged([account.id]));
  }
}

interface NamedAccount {
  readonly id: number;
  readonly username: string;
}
