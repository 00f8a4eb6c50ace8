import type { EventType, PayloadFormat, TargetType } from '../events/event-type.js';

/**
 * One message to one target: an execution with its one task, in Harbor's words. It is `Pending` until its first
 * attempt and between attempts, `Running` during one, and ends as `Success`, `Error` (given up) or `Stopped` (its
 * policy was disabled, or its target is gone).
 */
export type DeliveryStatus = 'Pending' | 'Running' | 'Success' | 'Error' | 'Stopped';

export interface Delivery {
  readonly id: number;
  /** Told to the receiver, for whom it is the same at every attempt. */
  readonly uid: string;
  readonly policyId: number;
  readonly eventId: string;
  readonly eventType: EventType;
  readonly operator: string;
  readonly targetType: TargetType;
  readonly payloadFormat: PayloadFormat | null;
  /** What is sent. */
  readonly body: string;
  /** The `uid` that this one repeats; null for none. */
  readonly replayOf: string | null;
  readonly status: DeliveryStatus;
  /** Why it is not delivered (yet); empty for nothing to say. */
  readonly statusMessage: string;
  /** Begun, the one under way included. */
  readonly attempts: number;
  /** While it is pending: not before. */
  readonly nextAttemptAt: Date | null;
  readonly createdAt: Date;
  readonly startedAt: Date | null;
  readonly updatedAt: Date;
  readonly endedAt: Date | null;
}

/** One try, as the history tells it. */
export interface Attempt {
  /** Counted from 1. One that is missing was cut short by the end of its process. */
  readonly attempt: number;
  readonly startedAt: Date;
  readonly durationMs: number;
  /** Without what a query or user information says. */
  readonly address: string;
  /** Secrets are blanked. */
  readonly requestHeaders: Readonly<Record<string, string>>;
  /** Null: there was no answer. */
  readonly responseStatus: number | null;
  /** Its beginning. */
  readonly responseBody: string | null;
  /** Null: it was delivered. */
  readonly error: string | null;
}

/** For `buildFilter` and `buildOrder`. */
export const deliveryFields = {
  id: { column: 'delivery.id', type: 'integer' },
  vendor_id: { column: 'delivery.policy_id', type: 'integer' },
  status: { column: 'delivery.shown_status', type: 'text' },
  event_type: { column: 'delivery.event_type', type: 'text' },
  operator: { column: 'delivery.operator', type: 'text' },
  start_time: { column: 'delivery.created_at', type: 'time' },
  creation_time: { column: 'delivery.created_at', type: 'time' },
  update_time: { column: 'delivery.updated_at', type: 'time' },
  end_time: { column: 'delivery.ended_at', type: 'time' },
} as const;
