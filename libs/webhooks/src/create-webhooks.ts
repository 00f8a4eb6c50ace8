import type { Database, DatabaseSchema, Outbox } from '@breakwater/database';
import type { Logger, Metrics } from '@breakwater/observability';
import { DeliveryIntake } from './deliveries/delivery-intake.js';
import { DeliveryRepository } from './deliveries/delivery.repository.js';
import { DeliveryService } from './deliveries/delivery.service.js';
import { Dispatcher, type DispatcherOptions } from './dispatch/dispatcher.js';
import { HistorySweep, type HistorySweepOptions } from './dispatch/history-sweep.js';
import { QueueRepository } from './dispatch/queue.repository.js';
import { CreateWebhooks1764000600000 } from './migrations/create-webhooks.migration.js';
import { PolicyRepository } from './policies/policy.repository.js';
import { WebhookPolicyService } from './policies/policy.service.js';
import { TargetSecrets } from './policies/target-secrets.js';
import {
  systemClock,
  type Clock,
  type Projects,
  type RepositoryDates,
  type SecretSealer,
  type WebhookCaller,
} from './ports.js';
import { WebhookNews } from './webhook-news.js';

/** The tables of this module. They refer to `project`: the catalog's migrations come first. */
export const webhooksSchema: DatabaseSchema = { entities: [], migrations: [CreateWebhooks1764000600000] };

/** The use cases of the control plane. */
export interface WebhooksControl {
  readonly policies: WebhookPolicyService;
  readonly deliveries: DeliveryService;
}

export interface WebhooksControlDependencies {
  readonly database: Database;
  readonly outbox: Outbox;
  readonly sealer: SecretSealer;
  readonly clock?: Clock;
}

export function createWebhooksControl(dependencies: WebhooksControlDependencies): WebhooksControl {
  const { database, outbox, sealer, clock = systemClock } = dependencies;
  const policies = new PolicyRepository();
  const news = new WebhookNews(outbox, clock);
  return {
    policies: new WebhookPolicyService(database, policies, new TargetSecrets(sealer), news),
    deliveries: new DeliveryService(database, policies, new DeliveryRepository(), news),
  };
}

export interface WebhookDispatchDependencies {
  readonly database: Database;
  readonly sealer: SecretSealer;
  readonly caller: WebhookCaller;
  readonly projects: Projects;
  readonly repositories: RepositoryDates;
  /** In messages: where clients reach the registry; null: unknown. */
  readonly registryHost: string | null;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly clock?: Clock;
  readonly options: DispatcherOptions & HistorySweepOptions;
}

/** What the dispatching process runs. */
export interface WebhookDispatch {
  /** Its `handle` reads the durable consumer of `events.>`. */
  readonly intake: DeliveryIntake;
  readonly dispatcher: Dispatcher;
  readonly sweep: HistorySweep;
}

export function createWebhookDispatch(dependencies: WebhookDispatchDependencies): WebhookDispatch {
  const { database, sealer, caller, projects, repositories, registryHost, logger, metrics, options } = dependencies;
  const clock = dependencies.clock === undefined ? {} : { clock: dependencies.clock };
  const queue = new QueueRepository(database);
  const secrets = new TargetSecrets(sealer);
  const dispatcher = new Dispatcher({ queue, caller, secrets, logger, metrics, ...clock }, options);
  const intake = new DeliveryIntake({
    database,
    policies: new PolicyRepository(),
    deliveries: new DeliveryRepository(),
    projects,
    repositories,
    registryHost,
    onDeliveries: () => dispatcher.wake(),
  });
  return { intake, dispatcher, sweep: new HistorySweep(database, options, logger) };
}
