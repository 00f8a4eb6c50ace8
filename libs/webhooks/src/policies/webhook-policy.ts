import type { EventType, PayloadFormat, TargetType } from '../events/event-type.js';

/** Who of a project's users' systems is told of which events. */
export interface WebhookPolicy {
  readonly id: number;
  readonly projectId: number;
  readonly name: string;
  readonly description: string;
  /** Name of the principal that made it. */
  readonly creator: string;
  readonly isEnabled: boolean;
  readonly eventTypes: readonly EventType[];
  readonly targets: readonly WebhookTarget[];
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export interface WebhookTarget {
  readonly type: TargetType;
  /** As it was given. */
  readonly address: string;
  readonly isCertVerified: boolean;
  /** Null where the type has a form of its own. */
  readonly payloadFormat: PayloadFormat | null;
  /** The `Authorization` header, verbatim. Null for none, and where it was not asked for. */
  readonly authHeader: string | null;
  /** Messages carry a signature. */
  readonly isSigned: boolean;
}

/** As a client gives it; `checkPolicy` says what it may be. */
export interface GivenPolicy {
  readonly name: string;
  readonly description: string;
  readonly isEnabled: boolean;
  readonly eventTypes: readonly string[];
  readonly targets: readonly GivenTarget[];
}

export interface GivenTarget {
  readonly type: string;
  readonly address: string;
  readonly isCertVerified: boolean;
  /** Empty: the type's own. */
  readonly payloadFormat: string;
  /** Empty: none. */
  readonly authHeader: string;
  /** Empty: none. Null: the one that this target has, if any. */
  readonly signingSecret: string | null;
}

/** A policy whose values are in order. */
export interface CheckedPolicy extends Omit<GivenPolicy, 'eventTypes' | 'targets'> {
  readonly eventTypes: readonly EventType[];
  readonly targets: readonly CheckedTarget[];
}

export interface CheckedTarget extends Omit<GivenTarget, 'type' | 'payloadFormat'> {
  readonly type: TargetType;
  readonly payloadFormat: PayloadFormat | null;
}

/** When a policy was last told to somebody, for each of its event types. */
export interface LastTrigger {
  readonly policyName: string;
  readonly eventType: EventType;
  readonly isEnabled: boolean;
  readonly createdAt: Date;
  /** Null: never yet. */
  readonly triggeredAt: Date | null;
}

/** For `buildFilter` and `buildOrder`. */
export const policyFields = {
  id: { column: 'policy.id', type: 'integer' },
  name: { column: 'policy.name', type: 'text' },
  description: { column: 'policy.description', type: 'text', sortable: false },
  creator: { column: 'policy.creator', type: 'text' },
  enabled: { column: 'policy.is_enabled', type: 'boolean' },
  creation_time: { column: 'policy.created_at', type: 'time' },
  update_time: { column: 'policy.updated_at', type: 'time' },
} as const;
