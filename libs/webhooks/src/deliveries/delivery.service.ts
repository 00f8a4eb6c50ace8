import type { Database } from '@breakwater/database';
import { randomUUID } from 'node:crypto';
import type { ListPage, ListRequest } from '../list.js';
import type { PolicyRepository } from '../policies/policy.repository.js';
import { DeliveryNotFoundError, DeliveryNotReplayableError, WebhookPolicyNotFoundError } from '../webhooks.errors.js';
import type { Attempt, Delivery } from './delivery.js';
import type { DeliveryRepository } from './delivery.repository.js';

/** What became of the messages of a policy. One is only ever reached through its project and its policy. */
export class DeliveryService {
  constructor(
    private readonly database: Database,
    private readonly policies: PolicyRepository,
    private readonly deliveries: DeliveryRepository,
  ) {}

  /** The newest first. @throws WebhookPolicyNotFoundError */
  async list(projectId: number, policyId: number, request: ListRequest): Promise<ListPage<Delivery>> {
    await this.checkPolicy(projectId, policyId);
    return this.deliveries.list(this.database, policyId, request);
  }

  /** @throws WebhookPolicyNotFoundError, DeliveryNotFoundError */
  async get(projectId: number, policyId: number, id: number): Promise<Delivery> {
    await this.checkPolicy(projectId, policyId);
    const delivery = await this.deliveries.find(this.database, policyId, id);
    if (delivery === null) throw new DeliveryNotFoundError(id);
    return delivery;
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
   * @returns the id of the new delivery. The dispatcher finds it within a second.
   * @throws WebhookPolicyNotFoundError, DeliveryNotFoundError
   * @throws DeliveryNotReplayableError  it is still being tried, its target is gone, or its policy is disabled.
   */
  async replay(projectId: number, policyId: number, id: number): Promise<number> {
    const delivery = await this.get(projectId, policyId, id);
    if (delivery.endedAt === null) throw new DeliveryNotReplayableError(id, 'it is still being tried');
    return this.database.unitOfWork.run(async (tx) => {
      const target = await this.deliveries.findTarget(tx, id);
      if (target === null) throw new DeliveryNotReplayableError(id, 'its target is gone');
      if (!target.isEnabled) throw new DeliveryNotReplayableError(id, 'its policy is disabled');
      const uid = randomUUID();
      const again = { ...delivery, uid, targetId: target.targetId, eventKey: `replay:${uid}`, replayOf: delivery.uid };
      const [made = 0] = await this.deliveries.insert(tx, [again]);
      return made;
    });
  }

  private async checkPolicy(projectId: number, policyId: number): Promise<void> {
    if ((await this.policies.find(this.database, projectId, policyId)) === null)
      throw new WebhookPolicyNotFoundError(policyId);
  }
}
