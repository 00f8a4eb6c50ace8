import { AppError } from '@breakwater/errors';

/** A policy that could never work as it was given. */
export class InvalidWebhookPolicyError extends AppError {
  readonly code = 'INVALID_WEBHOOK_POLICY';
  readonly kind = 'invalid';
  constructor(reason: string) {
    super(`invalid webhook policy: ${reason}`);
  }
}

/** The project has a policy of this name. */
export class WebhookPolicyConflictError extends AppError {
  readonly code = 'WEBHOOK_POLICY_CONFLICT';
  readonly kind = 'conflict';
  constructor(name: string, cause: unknown) {
    super(`the project has a webhook policy named ${name} already`, { name }, { cause });
  }
}

/** No such policy, or it is another project's. */
export class WebhookPolicyNotFoundError extends AppError {
  readonly code = 'WEBHOOK_POLICY_NOT_FOUND';
  readonly kind = 'not-found';
  constructor(id: number) {
    super(`webhook policy ${id} not found`, { id });
  }
}

/** No such delivery, or it is another policy's. */
export class DeliveryNotFoundError extends AppError {
  readonly code = 'WEBHOOK_DELIVERY_NOT_FOUND';
  readonly kind = 'not-found';
  constructor(id: number) {
    super(`webhook execution ${id} not found`, { id });
  }
}

/** What is to be sent again has nowhere to go, or is still on its way. */
export class DeliveryNotReplayableError extends AppError {
  readonly code = 'WEBHOOK_DELIVERY_NOT_REPLAYABLE';
  readonly kind = 'precondition';
  constructor(id: number, reason: string) {
    super(`webhook execution ${id} cannot be replayed: ${reason}`, { id });
  }
}
