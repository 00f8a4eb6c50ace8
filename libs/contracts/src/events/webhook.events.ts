import { IsInt, IsString } from 'class-validator';
import { Told } from './told.js';

/** A policy, by its name: where its targets are and what they are sent is nobody else's business. */
abstract class WebhookPolicyEvent extends Told {
  @IsInt()
  projectId!: number;

  @IsInt()
  policyId!: number;

  @IsString()
  name!: string;
}

export class WebhookPolicyCreatedV1 extends WebhookPolicyEvent {
  static readonly subject = 'events.webhooks.policy-created.v1';
}

/** `name` is the new one. */
export class WebhookPolicyUpdatedV1 extends WebhookPolicyEvent {
  static readonly subject = 'events.webhooks.policy-updated.v1';
}

export class WebhookPolicyDeletedV1 extends WebhookPolicyEvent {
  static readonly subject = 'events.webhooks.policy-deleted.v1';
}

/** Somebody had a message sent once more. */
export class WebhookReplayedV1 extends WebhookPolicyEvent {
  static readonly subject = 'events.webhooks.delivery-replayed.v1';

  /** That was sent before. */
  @IsInt()
  deliveryId!: number;

  /** That sends it again. */
  @IsInt()
  replayId!: number;
}
