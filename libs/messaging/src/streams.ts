import {
  DiscardPolicy,
  jetstreamManager,
  JetStreamApiError,
  RetentionPolicy,
  StorageType,
  type JetStreamManager,
  type StreamConfig,
} from '@nats-io/jetstream';
import { nanos, type NatsConnection } from '@nats-io/nats-core';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/**
 * What JetStream keeps. PostgreSQL is where facts live: a stream may be lost without losing one, and only news is.
 *
 * Everything here works on nats-server 2.9.
 */
export const STREAMS = {
  /** Every durable consumer reads all of it at its own pace. */
  events: {
    name: 'events',
    subjects: ['events.>'],
    retention: RetentionPolicy.Limits,
    max_age: nanos(7 * DAY_MS),
    // The relay repeats what it is not sure of; as long as this, a repeat is recognised by its message id.
    duplicate_window: nanos(10 * MINUTE_MS),
  },
  /** One worker per message, which is gone once it is acknowledged. */
  jobs: {
    name: 'jobs',
    subjects: ['jobs.>'],
    retention: RetentionPolicy.Workqueue,
    max_age: nanos(7 * DAY_MS),
    duplicate_window: nanos(10 * MINUTE_MS),
  },
  /** Messages that nobody could read, with the reason. */
  deadLetters: {
    name: 'dead-letters',
    subjects: ['dead-letters.>'],
    retention: RetentionPolicy.Limits,
    max_age: nanos(30 * DAY_MS),
    duplicate_window: nanos(10 * MINUTE_MS),
  },
} as const satisfies Record<string, Pick<StreamConfig, 'name' | 'subjects'> & Partial<StreamConfig>>;

export type StreamName = 'events' | 'jobs';

/** The stream that keeps messages on this subject; null for none. */
export function findStreamFor(subject: string): string | null {
  const stream = Object.values(STREAMS).find(({ subjects: [pattern] }) => subject.startsWith(pattern.slice(0, -1)));
  return stream?.name ?? null;
}

/**
 * Makes the streams that are missing. One that exists stays as it is (an operator may have given it replicas or
 * other limits), except that it gets the subjects it lacks. Processes that start together may do it together.
 */
export async function ensureStreams(connection: NatsConnection): Promise<JetStreamManager> {
  const manager = await jetstreamManager(connection);
  for (const stream of Object.values(STREAMS)) {
    const found = await manager.streams.info(stream.name).catch(ignoreMissing);
    if (!found) await manager.streams.add(definitionOf(stream));
    else if (!found.config.subjects.includes(stream.subjects[0]))
      await manager.streams.update(stream.name, {
        ...found.config,
        subjects: withSubject(found.config, stream.subjects[0]),
      });
  }
  return manager;
}

function definitionOf(
  stream: (typeof STREAMS)[keyof typeof STREAMS],
): Parameters<JetStreamManager['streams']['add']>[0] {
  return { ...stream, subjects: [...stream.subjects], storage: StorageType.File, discard: DiscardPolicy.Old };
}

/** Without those that ours covers: the server refuses subjects that overlap. */
function withSubject({ subjects }: StreamConfig, pattern: string): string[] {
  return [pattern, ...subjects.filter((subject) => !subject.startsWith(pattern.slice(0, -1)))];
}

const STREAM_NOT_FOUND = 10_059;

function ignoreMissing(error: unknown): null {
  if (error instanceof JetStreamApiError && error.code === STREAM_NOT_FOUND) return null;
  throw error;
}
