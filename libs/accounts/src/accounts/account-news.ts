import { eventToTell, UserCreatedV1, UserDeletedV1, UserUpdatedV1, type UserChange } from '@breakwater/contracts';
import type { Outbox, Transaction } from '@breakwater/database';
import { actorName, type Actor } from '@breakwater/rbac';
import type { Clock, Notifier } from '../ports.js';

/** Tells of changes to accounts: an event with the transaction, a notice after it. */
export class AccountNews {
  constructor(
    private readonly outbox: Outbox,
    private readonly notifier: Notifier,
    private readonly clock: Clock,
  ) {}

  created(tx: Transaction, actor: Actor, account: NamedAccount): Promise<void> {
    return this.tell(tx, UserCreatedV1, actor, account);
  }

  updated(tx: Transaction, actor: Actor, account: NamedAccount, change: UserChange): Promise<void> {
    return this.tell(tx, UserUpdatedV1, actor, account, { change });
  }

  async deleted(tx: Transaction, actor: Actor, account: NamedAccount, leftProjectIds: number[]): Promise<void> {
    await this.tell(tx, UserDeletedV1, actor, account);
    if (leftProjectIds.length > 0) tx.onCommit(() => this.notifier.membersChanged(leftProjectIds));
  }

  private async tell(
    tx: Transaction,
    event: UserEvent,
    actor: Actor,
    { id: userId, username }: NamedAccount,
    more: { readonly change?: UserChange } = {},
  ): Promise<void> {
    const payload = { userId, username, ...more, by: actorName(actor), at: this.clock.now().toISOString() };
    await this.outbox.add(tx, eventToTell(event, `account:${userId}`, payload));
    tx.onCommit(() => this.notifier.accountsChanged([userId]));
  }
}

type UserEvent = typeof UserCreatedV1 | typeof UserUpdatedV1 | typeof UserDeletedV1;

interface NamedAccount {
  readonly id: number;
  readonly username: string;
}
