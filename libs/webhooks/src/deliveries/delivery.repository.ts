import type { Queryable, Transaction } from '@breakwater/database';
import type { EventType, PayloadFormat, TargetType } from '../events/event-type.js';
import type { ListPage, ListRequest } from '../list.js';
import type { Attempt, Delivery } from './delivery.js';

export interface NewDelivery {
  readonly uid: string;
  readonly policyId: number;
  readonly targetId: number;
  readonly eventKey: string;
  readonly eventId: string;
  readonly eventType: EventType;
  readonly operator: string;
  readonly targetType: TargetType;
  readonly payloadFormat: PayloadFormat | null;
  readonly body: string;
  readonly replayOf: string | null;
}

/** History and queue of deliveries, as the intake writes them and the API reads them. */
export class DeliveryRepository {
  /**
   * Writes deliveries, queues them, and notes when which policy told what. One whose event key its target has already is
   * left out, which makes reading an event twice harmless. One statement: all of it is true together, at the cost of one
   * round trip.
   *
   * @returns how many are new.
   */
  async tell(on: Queryable, deliveries: readonly NewDelivery[]): Promise<number> {
    return (await on.rows(`${INSERTS}, ${TRIGGERS} ${MADE}`, columnsOf(deliveries))).length;
  }

  /** Of one that was told before. @returns the id of the new one. */
  async insertReplay(tx: Transaction, delivery: NewDelivery): Promise<number> {
    const [row] = await tx.rows<{ id: number }>(`${INSERTS} ${MADE}`, columnsOf([delivery]));
    return row?.id ?? 0;
  }

  async list(from: Queryable, policyId: number, request: ListRequest): Promise<ListPage<Delivery>> {
    const params = [...(request.where?.params ?? [])];
    const bind = (value: number): string => `$${params.push(value)}`;
    const source = `${FROM} WHERE delivery.policy_id = ${bind(policyId)}`;
    const where = request.where?.sql ?? 'TRUE';
    const counting = [...params];
    const orderBy = request.orderBy ?? 'delivery.id DESC';
    const [items, counted] = await Promise.all([
      from.rows<Delivery>(
        `SELECT ${COLUMNS} FROM (SELECT delivery.*, ${QUEUE_COLUMNS} ${source}) delivery
          WHERE ${where} ORDER BY ${orderBy} LIMIT ${bind(request.limit)} OFFSET ${bind(request.offset)}`,
        params,
      ),
      from.rows<{ total: number }>(
        `SELECT count(*)::integer AS total FROM (SELECT delivery.*, ${QUEUE_COLUMNS} ${source}) delivery WHERE ${where}`,
        counting,
      ),
    ]);
    return { items, total: counted[0]?.total ?? 0 };
  }

  async find(from: Queryable, policyId: number, id: number): Promise<Delivery | null> {
    if (!Number.isSafeInteger(id) || id <= 0) return null;
    const [row] = await from.rows<Delivery>(
      `SELECT ${COLUMNS} FROM (
         SELECT delivery.*, ${QUEUE_COLUMNS} ${FROM} WHERE delivery.policy_id = $1 AND delivery.id = $2
       ) delivery`,
      [policyId, id],
    );
    return row ?? null;
  }

  /** In order. */
  listAttempts(from: Queryable, deliveryId: number): Promise<Attempt[]> {
    return from.rows<Attempt>(
      `SELECT attempt, started_at AS "startedAt", duration_ms AS "durationMs", address,
              request_headers AS "requestHeaders", response_status AS "responseStatus",
              response_body AS "responseBody", error
         FROM webhook_attempt WHERE delivery_id = $1 ORDER BY attempt`,
      [deliveryId],
    );
  }

  /** The target that a delivery went to, if it is still there, with whether its policy is enabled. */
  async findTarget(tx: Transaction, deliveryId: number): Promise<{ targetId: number; isEnabled: boolean } | null> {
    const [row] = await tx.rows<{ targetId: number; isEnabled: boolean }>(
      `SELECT target.id AS "targetId", policy.is_enabled AS "isEnabled"
         FROM webhook_delivery delivery
         JOIN webhook_target target ON target.id = delivery.target_id
         JOIN webhook_policy policy ON policy.id = target.policy_id
        WHERE delivery.id = $1 FOR SHARE OF target`,
      [deliveryId],
    );
    return row ?? null;
  }
}

const FROM = 'FROM webhook_delivery delivery LEFT JOIN webhook_queue queue ON queue.delivery_id = delivery.id';

const QUEUE_COLUMNS = `
  CASE WHEN queue.is_claimed THEN 'Running' ELSE delivery.status END AS shown_status,
  coalesce(queue.attempt, delivery.attempts) AS begun,
  CASE WHEN NOT queue.is_claimed THEN queue.due_at END AS next_attempt_at`;

const COLUMNS = `
  delivery.id::float8 AS id, delivery.uid, delivery.policy_id AS "policyId", delivery.event_id AS "eventId",
  delivery.event_type AS "eventType", delivery.operator, delivery.target_type AS "targetType",
  delivery.payload_format AS "payloadFormat", delivery.body, delivery.replay_of AS "replayOf",
  delivery.shown_status AS status, delivery.status_message AS "statusMessage", delivery.begun AS attempts,
  delivery.next_attempt_at AS "nextAttemptAt", delivery.created_at AS "createdAt", delivery.started_at AS "startedAt",
  delivery.updated_at AS "updatedAt", delivery.ended_at AS "endedAt"`;

function columnsOf(deliveries: readonly NewDelivery[]) {
  return [
    deliveries.map(({ uid }) => uid),
    deliveries.map(({ policyId }) => policyId),
    deliveries.map(({ targetId }) => targetId),
    deliveries.map(({ eventKey }) => eventKey),
    deliveries.map(({ eventId }) => eventId),
    deliveries.map(({ eventType }) => eventType),
    deliveries.map(({ operator }) => operator),
    deliveries.map(({ targetType }) => targetType),
    deliveries.map(({ payloadFormat }) => payloadFormat),
    deliveries.map(({ body }) => body),
    deliveries.map(({ replayOf }) => replayOf),
  ];
}

const INSERTS = `
  WITH made AS (
    INSERT INTO webhook_delivery (uid, policy_id, target_id, event_key, event_id, event_type, operator, target_type,
                                  payload_format, body, replay_of)
    SELECT * FROM unnest($1::uuid[], $2::integer[], $3::integer[], $4::text[], $5::text[], $6::text[], $7::text[],
                         $8::text[], $9::text[], $10::text[], $11::uuid[])
    ON CONFLICT (target_id, event_key) DO NOTHING
    RETURNING id, policy_id, target_id, event_type
  ), queued AS (
    INSERT INTO webhook_queue (delivery_id, target_id) SELECT id, target_id FROM made
  )`;

/**
 * Within a second it is written once: many events of one type do not queue for one row. In one order everywhere, so that
 * two processes do not wait for each other.
 */
const TRIGGERS = `
  triggered AS (
    INSERT INTO webhook_last_trigger (policy_id, event_type, triggered_at)
    SELECT policy_id, event_type, now() FROM (SELECT DISTINCT policy_id, event_type FROM made) AS told
     WHERE EXISTS (SELECT 1 FROM webhook_policy WHERE id = told.policy_id FOR KEY SHARE)
     ORDER BY policy_id, event_type
    ON CONFLICT (policy_id, event_type) DO UPDATE SET triggered_at = excluded.triggered_at
     WHERE webhook_last_trigger.triggered_at < excluded.triggered_at - interval '1 second'
  )`;

const MADE = 'SELECT id::float8 AS id FROM made';
