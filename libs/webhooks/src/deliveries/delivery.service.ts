import type { Database } from '@breakwater/database';
import { randomUUID } from 'node:crypto';
import type { ListPage, ListRequest } from '../list.js';
import { DeliveryNotFoundError, DeliveryNotReplayableError, WebhookPolicyNotFoundError } from '../webhooks.errors.js';
import type { PolicyRepository, PolicyRow } from '../policies/policy.repository.js';
import type { WebhookNews } from '../webhook-news.js';
import type { Attempt, Delivery } from './delivery.js';
import type { DeliveryRepository } from './delivery.repository.js';

/** What became of the messages of a policy. One is only ever reached through its project and its policy. */
export class DeliveryService {
  constructor(
    private readonly database: Database,
    private readonly policies: PolicyRepository,
    private readonly deliveries: DeliveryRepository,
    private readonly news: WebhookNews,
  ) {}

  /** The newest first. @throws WebhookPolicyNotFoundError */
  async list(projectId: number, policyId: number, request: ListRequest): Promise<ListPage<Delivery>> {
    await this.getPolicy(projectId, policyId);
    return this.deliveries.list(this.database, policyId, request);
  }

  /** @throws WebhookPolicyNotFoundError, DeliveryNotFoundError */
  async get(projectId: number, policyId: number, id: number): Promise<Delivery> {
    await this.getPolicy(projectId, policyId);
    return this.getOf(policyId, id);
  }

  /** The delivery by its one task, which has its id. @throws WebhookPolicyNotFoundError, DeliveryNotFoundError */
  async getTask(projectId: number, policyId: number, id: number, taskId: number): Promise<Delivery> {
    const delivery = await this.get(projectId, policyId, id);
    if (taskId !== delivery.id) throw new DeliveryNotFoundError(taskId);
    return delivery;
  }

  /** Every attempt that was finished, in order. @throws WebhookPolicyNotFoundError, DeliveryNotFoundError */
  async listAttempts(projectId: number, policyId: number, id: number): Promise<Attempt[]> {
    const delivery = await this.get(projectId, policyId, id);
    return this.deliveries.listAttempts(this.database, delivery.id);
  }

  /**
   * Sends the same body once more to the same target, as that is now: a delivery of its own, with all its attempts.
   * For one that was given up, and for one that arrived and got lost there.
   *
   * @param by  name of the principal.
   * @returns the id of the new delivery. The dispatcher finds it within a second.
   * @throws WebhookPolicyNotFoundError, DeliveryNotFoundError
   * @throws DeliveryNotReplayableError  it is still being tried, its target is gone, or its policy is disabled.
   */
  async replay(by: string, projectId: number, policyId: number, id: number): Promise<number> {
    const policy = await this.getPolicy(projectId, policyId);
    const delivery = await this.getOf(policyId, id);
    if (delivery.endedAt === null) throw new DeliveryNotReplayableError(id, 'it is still being tried');
    return this.database.unitOfWork.run(async (tx) => {
      const target = await this.deliveries.findTarget(tx, id);
      if (target === null) throw new DeliveryNotReplayableError(id, 'its target is gone');
      if (!target.isEnabled) throw new DeliveryNotReplayableError(id, 'its policy is disabled');
      const uid = randomUUID();
      const again = { ...delivery, uid, targetId: target.targetId, eventKey: `replay:${uid}`, replayOf: delivery.uid };
      const made = await this.deliveries.insertReplay(tx, again);
      await this.news.replayed(tx, by, policy, id, made);
      return made;
    });
  }

  private async getPolicy(projectId: number, policyId: number): Promise<PolicyRow> {
    const policy = await this.policies.find(this.database, projectId, policyId);
    if (policy === null) throw new WebhookPolicyNotFoundError(policyId);
    return policy;
  }

  private async getOf(policyId: number, id: number): Promise<Delivery> {
    const delivery = await this.deliveries.find(this.database, policyId, id);
    if (delivery === null) throw new DeliveryNotFoundError(id);
    return delivery;
  }
}
