import {
  eventToTell,
  WebhookPolicyCreatedV1,
  WebhookPolicyDeletedV1,
  WebhookPolicyUpdatedV1,
  WebhookReplayedV1,
} from '@breakwater/contracts';
import type { Outbox, Transaction } from '@breakwater/database';
import type { Clock } from './ports.js';

/** Tells who changed what is told to whom, in the transaction of the change. */
export class WebhookNews {
  constructor(
    private readonly outbox: Outbox,
    private readonly clock: Clock,
  ) {}

  created(tx: Transaction, by: string, policy: NamedPolicy): Promise<void> {
    return this.tell(tx, WebhookPolicyCreatedV1, by, policy);
  }

  updated(tx: Transaction, by: string, policy: NamedPolicy): Promise<void> {
    return this.tell(tx, WebhookPolicyUpdatedV1, by, policy);
  }

  deleted(tx: Transaction, by: string, policy: NamedPolicy): Promise<void> {
    return this.tell(tx, WebhookPolicyDeletedV1, by, policy);
  }

  replayed(tx: Transaction, by: string, policy: NamedPolicy, deliveryId: number, replayId: number): Promise<void> {
    const payload = { ...this.told(by, policy), deliveryId, replayId };
    return this.outbox.add(tx, eventToTell(WebhookReplayedV1, `project:${policy.projectId}`, payload));
  }

  private tell(tx: Transaction, event: PolicyEvent, by: string, policy: NamedPolicy): Promise<void> {
    return this.outbox.add(tx, eventToTell(event, `project:${policy.projectId}`, this.told(by, policy)));
  }

  private told(by: string, { projectId, id: policyId, name }: NamedPolicy) {
    return { projectId, policyId, name, by, at: this.clock.now().toISOString() };
  }
}

type PolicyEvent = typeof WebhookPolicyCreatedV1 | typeof WebhookPolicyUpdatedV1 | typeof WebhookPolicyDeletedV1;

interface NamedPolicy {
  readonly id: number;
  readonly projectId: number;
  readonly name: string;
}
