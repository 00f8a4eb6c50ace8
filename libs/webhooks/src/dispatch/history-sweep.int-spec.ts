import { ArtifactPushedV1 } from '@breakwater/contracts';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { WebhookDispatch } from '../create-webhooks.js';
import { aPush, anEvent, createWebhookWorld, type WebhookWorld } from '../testing/webhook-world.js';

let world: WebhookWorld;
let dispatch: WebhookDispatch;
let project: number;
let policy: number;
let count = 0;

beforeAll(async () => {
  world = await createWebhookWorld();
  dispatch = await world.dispatch({ keepSeconds: 3_600, keepPerPolicy: 5 });
});
afterAll(() => world.close());
beforeEach(async () => {
  project = await world.addProject(`team-${++count}`);
  policy = await world.addPolicy(project, {}, {});
});

/** Deliveries that ended so many hours ago; null: not yet. The oldest first. */
async function tell(...endedHoursAgo: (number | null)[]): Promise<void> {
  for (const hours of endedHoursAgo) {
    await dispatch.intake.handle(anEvent(ArtifactPushedV1, aPush(project, `team-${count}/app`)));
    if (hours === null) continue;
    await world.database.rows(
      `WITH ended AS (
         UPDATE webhook_delivery SET status = 'Success', ended_at = now() - make_interval(hours => $2)
          WHERE id = (SELECT max(id) FROM webhook_delivery WHERE policy_id = $1) RETURNING id
       )
       DELETE FROM webhook_queue WHERE delivery_id = (SELECT id FROM ended) RETURNING 1`,
      [policy, hours],
    );
  }
}

const left = async (): Promise<string[]> =>
  (await world.history(project, policy)).map(({ status }) => status).reverse();

describe('HistorySweep', () => {
  it('takes what ended long ago, and nothing that is still to be sent', async () => {
    await tell(5, null, 2, 0);
    expect(await dispatch.sweep.runOnce()).toBe(2);
    expect(await left()).toEqual(['Pending', 'Success']);
    expect(await dispatch.sweep.runOnce()).toBe(0);
  });

  it('keeps so many of a policy and no more, the newest', async () => {
    await tell(0, 0, 0, 0, 0, 0, 0, null);
    expect(await dispatch.sweep.runOnce()).toBe(3);
    expect(await left()).toEqual(['Success', 'Success', 'Success', 'Success', 'Pending']);
  });

  it('goes past what is still to be sent, however much that is', async () => {
    await world.database.rows(
      `WITH made AS (
         INSERT INTO webhook_delivery (uid, policy_id, target_id, event_key, event_id, event_type, operator, target_type, body)
         SELECT gen_random_uuid(), $1, (SELECT id FROM webhook_target WHERE policy_id = $1), 'k' || n, 'e', 'PUSH_ARTIFACT',
                'ci', 'http', '{}' FROM generate_series(1, 1500) n RETURNING id, target_id
       )
       INSERT INTO webhook_queue (delivery_id, target_id) SELECT id, target_id FROM made RETURNING 1`,
      [policy],
    );
    await tell(9, 9);
    expect(await dispatch.sweep.runOnce()).toBe(2);
  });
});
