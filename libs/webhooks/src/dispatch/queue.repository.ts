import type { Database } from '@breakwater/database';
import type { EventType, PayloadFormat, TargetType } from '../events/event-type.js';
import type { SealedSecrets } from '../policies/target-secrets.js';
import type { Allotment } from './target-windows.js';

/** A target with something queued. */
export interface WaitingTarget {
  readonly targetId: number;
  /** Until its next message is due; not positive: it is. */
  readonly dueInMs: number;
}

/** A delivery that is ours until its lease is over. */
export interface ClaimedDelivery {
  readonly deliveryId: number;
  readonly targetId: number;
  /** From 1. It also tells this claim from any later one. */
  readonly attempt: number;
  readonly uid: string;
  readonly eventType: EventType;
  readonly eventId: string;
  readonly targetType: TargetType;
  readonly payloadFormat: PayloadFormat | null;
  readonly body: string;
  readonly replayOf: string | null;
  /** As it is now; null: it is gone, or its policy is. */
  readonly target: ClaimedTarget | null;
  readonly isPolicyEnabled: boolean;
}

export interface ClaimedTarget extends SealedSecrets {
  readonly address: string;
  readonly isCertVerified: boolean;
}

/** What an attempt came to. */
export interface AttemptRecord {
  readonly deliveryId: number;
  readonly attempt: number;
  /** Null: it comes again after `pauseMs`. */
  readonly finalStatus: 'Success' | 'Error' | 'Stopped' | null;
  readonly pauseMs: number;
  /** Why it was not delivered; empty for nothing to say. */
  readonly message: string;
  /** Null: nothing was sent. */
  readonly sent: SentRequest | null;
}

export interface SentRequest {
  readonly startedAt: Date;
  readonly durationMs: number;
  readonly address: string;
  readonly requestHeaders: Readonly<Record<string, string>>;
  readonly responseStatus: number | null;
  readonly responseBody: string | null;
  readonly error: string | null;
}

/**
 * The queue, as dispatchers use it. Any number of them may, in any number of processes.
 *
 * Planned anew each time: a plan that was made while the queue was empty would read all of it when it is long.
 */
export class QueueRepository {
  constructor(private readonly database: Database) {}

  /** Costs one look into an index for each target that has something queued, however much that is. */
  listWaiting(): Promise<WaitingTarget[]> {
    return this.database.rows(WAITING);
  }

  /**
   * @param leaseMs  whoever has not recorded the attempt after that is taken for dead.
   * @param exceptIds  of this process, under way: after an outage of the database their leases may be over.
   */
  async claim(
    allotments: readonly Allotment[],
    leaseMs: number,
    exceptIds: readonly number[],
  ): Promise<ClaimedDelivery[]> {
    const rows = await this.database.rows<ClaimedRow>(CLAIM, [
      allotments.map(({ targetId }) => targetId),
      allotments.map(({ count }) => count),
      leaseMs / 1000,
      exceptIds,
    ]);
    return rows.map(({ address, isCertVerified, authHeaderSealed, signingSecretSealed, ...row }) => ({
      ...row,
      target: address === null ? null : { address, isCertVerified, authHeaderSealed, signingSecretSealed },
    }));
  }

  /**
   * Writes outcomes, all or none. An attempt that somebody else has taken over meanwhile changes nothing but the
   * history, unless it delivered: that is final, whoever says so.
   */
  async record(records: readonly AttemptRecord[]): Promise<void> {
    const sent = (field: (request: SentRequest) => unknown): unknown[] =>
      records.map((record) => (record.sent === null ? null : field(record.sent)));
    await this.database.rows(RECORD, [
      records.map(({ deliveryId }) => deliveryId),
      records.map(({ attempt }) => attempt),
      records.map(({ finalStatus }) => finalStatus),
      records.map(({ pauseMs }) => pauseMs / 1000),
      records.map(({ message }) => message),
      sent(({ startedAt }) => startedAt) as Date[],
      sent(({ durationMs }) => Math.round(durationMs)) as number[],
      sent(({ address }) => address) as string[],
      sent(({ requestHeaders }) => JSON.stringify(requestHeaders)) as string[],
      sent(({ responseStatus }) => responseStatus) as number[],
      sent(({ responseBody }) => responseBody) as string[],
      sent(({ error }) => error) as string[],
    ]);
  }
}

interface ClaimedRow extends Omit<ClaimedDelivery, 'target'>, SealedSecrets {
  readonly address: string | null;
  readonly isCertVerified: boolean;
}

/** Jumps through the index from target to target. */
const WAITING = `
    WITH RECURSIVE waiting (target_id, due_at) AS (
      (SELECT target_id, due_at FROM webhook_queue ORDER BY target_id, due_at LIMIT 1)
      UNION ALL
      SELECT following.target_id, following.due_at FROM waiting CROSS JOIN LATERAL (
        SELECT target_id, due_at FROM webhook_queue
         WHERE target_id > waiting.target_id ORDER BY target_id, due_at LIMIT 1
      ) following
    )
    SELECT target_id AS "targetId", (extract(epoch FROM due_at - now()) * 1000)::float8 AS "dueInMs" FROM waiting`;

const CLAIM = `
    WITH asked AS MATERIALIZED (
      -- Nobody waits for the disk: a claim that a crash of PostgreSQL undoes is made again.
      SELECT target_id, slots, set_config('synchronous_commit', 'off', true)
        FROM unnest($1::integer[], $2::integer[]) AS asked (target_id, slots)
    ), picked AS (
      SELECT found.delivery_id FROM asked CROSS JOIN LATERAL (
        SELECT delivery_id FROM webhook_queue
         WHERE target_id = asked.target_id AND due_at <= now() AND delivery_id <> ALL ($4::bigint[])
         ORDER BY due_at LIMIT asked.slots FOR UPDATE SKIP LOCKED
      ) found
    ), claimed AS (
      UPDATE webhook_queue queue
         SET due_at = now() + make_interval(secs => $3), attempt = queue.attempt + 1, is_claimed = true
        -- As a list: how many there are the planner would guess much too high, and read the whole queue.
        WHERE queue.delivery_id = ANY (ARRAY(SELECT delivery_id FROM picked))
      RETURNING queue.delivery_id, queue.target_id, queue.attempt
    )
    SELECT claimed.delivery_id::float8 AS "deliveryId", claimed.target_id AS "targetId", claimed.attempt,
           delivery.uid, delivery.event_type AS "eventType", delivery.event_id AS "eventId",
           delivery.target_type AS "targetType", delivery.payload_format AS "payloadFormat", delivery.body,
           delivery.replay_of AS "replayOf", target.address, target.is_cert_verified AS "isCertVerified",
           target.auth_header_sealed AS "authHeaderSealed", target.signing_secret_sealed AS "signingSecretSealed",
           coalesce(policy.is_enabled, false) AS "isPolicyEnabled"
      FROM claimed
      JOIN webhook_delivery delivery ON delivery.id = claimed.delivery_id
      LEFT JOIN webhook_target target ON target.id = claimed.target_id
      LEFT JOIN webhook_policy policy ON policy.id = target.policy_id
     ORDER BY claimed.delivery_id`;

const RECORD = `
    WITH told AS (
      SELECT * FROM unnest($1::bigint[], $2::integer[], $3::text[], $4::float8[], $5::text[], $6::timestamptz[],
                           $7::integer[], $8::text[], $9::jsonb[], $10::integer[], $11::text[], $12::text[])
        AS told (delivery_id, attempt, final_status, pause, message, started_at, duration_ms, address,
                 request_headers, response_status, response_body, error)
    ), ended AS (
      DELETE FROM webhook_queue queue USING told
       WHERE queue.delivery_id = told.delivery_id AND told.final_status IS NOT NULL
         AND (queue.attempt = told.attempt OR told.final_status = 'Success')
      RETURNING queue.delivery_id
    ), delayed AS (
      UPDATE webhook_queue queue SET due_at = now() + make_interval(secs => told.pause), is_claimed = false
        FROM told
       WHERE queue.delivery_id = told.delivery_id AND told.final_status IS NULL AND queue.attempt = told.attempt
      RETURNING queue.delivery_id
    ), noted AS (
      UPDATE webhook_delivery delivery
         SET status = coalesce(told.final_status, 'Pending'), status_message = told.message,
             attempts = told.attempt - (told.started_at IS NULL)::integer,
             started_at = coalesce(delivery.started_at, told.started_at), updated_at = now(),
             ended_at = CASE WHEN told.final_status IS NOT NULL THEN now() END
        FROM told
       WHERE delivery.id = told.delivery_id
         AND (told.delivery_id IN (SELECT delivery_id FROM ended) OR told.delivery_id IN (SELECT delivery_id FROM delayed))
    )
    INSERT INTO webhook_attempt (delivery_id, attempt, started_at, duration_ms, address, request_headers,
                                 response_status, response_body, error)
    SELECT told.delivery_id, told.attempt, told.started_at, told.duration_ms, told.address, told.request_headers,
           told.response_status, told.response_body, told.error
      FROM told JOIN webhook_delivery delivery ON delivery.id = told.delivery_id
     WHERE told.started_at IS NOT NULL
    ON CONFLICT (delivery_id, attempt) DO NOTHING`;
