import { eventToTell, MemberAddedV1, MemberChangedV1, MemberRemovedV1 } from '@breakwater/contracts';
import type { Outbox, Transaction } from '@breakwater/database';
import { actorName, type Actor } from '@breakwater/rbac';
import type { Clock, Notifier } from '../ports.js';
import type { Member } from './member.js';

/** Tells of changes to the members of projects: an event with the transaction, a notice after it. */
export class MemberNews {
  constructor(
    private readonly outbox: Outbox,
    private readonly notifier: Notifier,
    private readonly clock: Clock,
  ) {}

  added(tx: Transaction, actor: Actor, member: ChangedMember): Promise<void> {
    return this.tell(tx, MemberAddedV1, actor, member);
  }

  changed(tx: Transaction, actor: Actor, member: ChangedMember): Promise<void> {
    return this.tell(tx, MemberChangedV1, actor, member);
  }

  /** @param member  as it was. */
  removed(tx: Transaction, actor: Actor, member: ChangedMember): Promise<void> {
    return this.tell(tx, MemberRemovedV1, actor, member);
  }

  /** Only the notice. */
  silently(tx: Transaction, projectId: number): void {
    tx.onCommit(() => this.notifier.membersChanged([projectId]));
  }

  private async tell(tx: Transaction, event: MemberEvent, actor: Actor, member: ChangedMember): Promise<void> {
    const { id: memberId, projectId, entityId, entityName, roleId } = member;
    const entityType: 'user' | 'group' = member.entityType === 'u' ? 'user' : 'group';
    const told = { by: actorName(actor), at: this.clock.now().toISOString() };
    const payload = { memberId, projectId, entityType, entityId, entityName, roleId, ...told };
    await this.outbox.add(tx, eventToTell(event, `project:${projectId}`, payload));
    this.silently(tx, projectId);
  }
}

type MemberEvent = typeof MemberAddedV1 | typeof MemberChangedV1 | typeof MemberRemovedV1;

type ChangedMember = Pick<Member, 'id' | 'projectId' | 'entityType' | 'entityId' | 'entityName' | 'roleId'>;
