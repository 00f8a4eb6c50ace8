export {
  createWebhookDispatch,
  createWebhooksControl,
  webhooksSchema,
  type WebhookDispatch,
  type WebhookDispatchDependencies,
  type WebhooksControl,
} from './create-webhooks.js';
export { type DeliveryIntake } from './deliveries/delivery-intake.js';
export { deliveryLog } from './deliveries/delivery-log.js';
export { DeliveryService } from './deliveries/delivery.service.js';
export { deliveryFields, type Attempt, type Delivery, type DeliveryStatus } from './deliveries/delivery.js';
export { type Dispatcher, type DispatcherOptions } from './dispatch/dispatcher.js';
export { type HistorySweep, type HistorySweepOptions } from './dispatch/history-sweep.js';
export { OutboundCaller } from './dispatch/outbound-caller.js';
export { SIGNATURE_HEADER, signatureOf } from './dispatch/signature.js';
export {
  EVENT_TYPES,
  PAYLOAD_FORMATS,
  TARGET_TYPES,
  type EventType,
  type PayloadFormat,
  type TargetType,
} from './events/event-type.js';
export { type ListPage, type ListRequest } from './list.js';
export { CreateWebhooks1764000600000 } from './migrations/create-webhooks.migration.js';
export { WebhookPolicyService, type Disclosure } from './policies/policy.service.js';
export {
  policyFields,
  type GivenPolicy,
  type GivenTarget,
  type LastTrigger,
  type WebhookPolicy,
  type WebhookTarget,
} from './policies/webhook-policy.js';
export {
  systemClock,
  type Clock,
  type OutgoingMessage,
  type ProjectOfEvent,
  type Projects,
  type RepositoryDates,
  type SecretSealer,
  type TargetAnswer,
  type WebhookCaller,
} from './ports.js';
export {
  DeliveryNotFoundError,
  DeliveryNotReplayableError,
  InvalidWebhookPolicyError,
  WebhookPolicyConflictError,
  WebhookPolicyNotFoundError,
} from './webhooks.errors.js';
