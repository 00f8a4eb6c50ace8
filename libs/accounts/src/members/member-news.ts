import type { Outbox, Transaction } from '@breakwater/database';
import { actorName, type Actor } from '@breakwater/rbac';
import type { Notifier } from '../ports.js';
import type { Member } from './member.js';

/** Tells of changes to the members of projects: an event with the transaction, a notice after it. */
export class MemberNews {
  constructor(
    private readonly outbox: Outbox,
    private readonly notifier: Notifier,
  ) {}

  added(tx: Transaction, actor: Actor, member: ChangedMember): Promise<void> {
    return this.tell(tx, 'member-added', actor, member);
  }

  updated(tx: Transaction, actor: Actor, member: ChangedMember): Promise<void> {
    return this.tell(tx, 'member-updated', actor, member);
  }

  removed(tx: Transaction, actor: Actor, member: ChangedMember): Promise<void> {
    return this.tell(tx, 'member-removed', actor, member);
  }

  private async tell(tx: Transaction, what: string, actor: Actor, member: ChangedMember): Promise<void> {
    const { id, projectId, entityId, entityName, roleId } = member;
    await this.outbox.add(tx, {
      subject: `events.accounts.${what}.v1`,
      key: `project:${projectId}`,
      payload: {
        memberId: id,
        projectId,
        userId: entityId,
        username: entityName,
        roleId,
        by: actorName(actor),
        at: new Date().toISOString(),
      },
    });
    tx.onCommit(() => this.notifier.membersChanged([projectId]));
  }
}

type ChangedMember = Pick<Member, 'id' | 'projectId' | 'entityId' | 'entityName' | 'roleId'>;
