import { BatchedLookup, type Database } from '@breakwater/database';
import { parseEvent } from '@breakwater/contracts';
import { randomUUID } from 'node:crypto';
import { TOLD_SUBJECTS, webhookEventsOf } from '../events/told-events.js';
import type { WebhookEvent } from '../events/webhook-event.js';
import type { EventScene } from '../payloads/event-data.js';
import { payloadOf } from '../payloads/payload.js';
import type { PolicyRepository, Subscription } from '../policies/policy.repository.js';
import type { ProjectOfEvent, Projects, RepositoryDates } from '../ports.js';
import type { DeliveryRepository, NewDelivery } from './delivery.repository.js';

export interface DeliveryIntakeDependencies {
  readonly database: Database;
  readonly policies: PolicyRepository;
  readonly deliveries: DeliveryRepository;
  readonly projects: Projects;
  readonly repositories: RepositoryDates;
  /** In messages: where clients reach the registry; null: unknown. */
  readonly registryHost: string | null;
  /** There is something to send. */
  readonly onDeliveries: () => void;
}

/**
 * Turns events into deliveries: one for each target of each policy that wants it. Reading an event twice makes none
 * twice. Events that arrive together are written together, in their order.
 */
export class DeliveryIntake {
  private readonly batch: BatchedLookup<readonly WebhookEvent[], void>;

  constructor(private readonly deps: DeliveryIntakeDependencies) {
    // One batch at a time, which keeps the order; the next one fills meanwhile.
    this.batch = new BatchedLookup({ find: (told) => this.take(told), maxBatch: MAX_BATCH, concurrency: 1 });
  }

  /**
   * For the durable consumer of `events.>`. Returns once the deliveries are rows.
   *
   * @throws InvalidMessageError  an event that breaks its contract; anything else: it should come again.
   */
  async handle({ subject, data }: { readonly subject: string; readonly data: Uint8Array }): Promise<void> {
    if (!TOLD_SUBJECTS.has(subject)) return;
    await this.batch.get(webhookEventsOf(parseEvent(subject, data)));
  }

  private async take(told: readonly (readonly WebhookEvent[])[]): Promise<void[]> {
    await this.deliver(told.flat());
    return told.map(() => undefined);
  }

  private async deliver(events: readonly WebhookEvent[]): Promise<void> {
    const { database, deliveries, onDeliveries } = this.deps;
    const wanted = await this.subscribersOf(events);
    if (wanted.length === 0) return;
    const news = await this.compose(wanted);
    if (news.length === 0) return;
    if ((await deliveries.tell(database, news)) > 0) onDeliveries();
  }

  private async subscribersOf(events: readonly WebhookEvent[]): Promise<Wanted[]> {
    const projectIds = [...new Set(events.map(({ projectId }) => projectId))];
    const types = [...new Set(events.map(({ type }) => type))];
    const { database, policies } = this.deps;
    const subscriptions = Map.groupBy(
      await policies.listSubscriptions(database, projectIds, types),
      ({ projectId }) => projectId,
    );
    return events.flatMap((event) =>
      (subscriptions.get(event.projectId) ?? [])
        .filter(({ eventTypes }) => eventTypes.includes(event.type))
        .map((subscription) => ({ event, subscription })),
    );
  }

  private async compose(wanted: readonly Wanted[]): Promise<NewDelivery[]> {
    const names = [...new Set(wanted.map(({ event }) => event.repository))];
    const ids = [...new Set(wanted.map(({ event }) => event.projectId))];
    const [dates, projects] = await Promise.all([
      this.deps.repositories.findCreatedAt(names),
      Promise.all(ids.map(async (id) => [id, await this.deps.projects.find({ by: 'id', id })] as const)),
    ]);
    const byId = new Map(projects);
    return wanted.flatMap(({ event, subscription }) => {
      const project = byId.get(event.projectId);
      // Gone meanwhile, and its policies with it.
      if (!project) return [];
      return [newDelivery(event, subscription, this.sceneOf(project, dates.get(event.repository)))];
    });
  }

  private sceneOf(project: ProjectOfEvent, createdAt: Date | undefined): EventScene {
    return {
      projectName: project.name,
      isProjectPublic: project.isPublic,
      repositoryCreatedAt: createdAt ?? null,
      registryHost: this.deps.registryHost,
    };
  }
}

const MAX_BATCH = 256;

interface Wanted {
  readonly event: WebhookEvent;
  readonly subscription: Subscription;
}

function newDelivery(event: WebhookEvent, to: Subscription, scene: EventScene): NewDelivery {
  const uid = randomUUID();
  const { policyId, targetId, targetType, payloadFormat } = to;
  return {
    uid,
    policyId,
    targetId,
    eventKey: event.key,
    eventId: event.eventId,
    eventType: event.type,
    operator: event.operator,
    targetType,
    payloadFormat,
    body: payloadOf(event, scene, { policyId, deliveryUid: uid, targetType, payloadFormat }),
    replayOf: null,
  };
}
