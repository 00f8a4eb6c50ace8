import { checkPayload, parseJson, type MessageClass } from '../message.js';
import { InvalidMessageError, UnknownMessageError } from '../contract.errors.js';
import { EVENTS, type EventPayload } from './events.js';

/**
 * How an event travels: CloudEvents 1.0, structured mode, JSON.
 * @see https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md
 */
export interface CloudEvent<T extends object = object> {
  readonly specversion: '1.0';
  /** Unique; the same when the event is published again. */
  readonly id: string;
  /** The module that tells it, e.g. `/breakwater/catalog`. */
  readonly source: string;
  /** The subject on the bus, e.g. `events.catalog.artifact-pushed.v1`. */
  readonly type: string;
  /** When it was written down; ISO 8601, UTC. */
  readonly time: string;
  readonly datacontenttype: 'application/json';
  /** Events of one key come in order (extension "partitioning"). */
  readonly partitionkey: string;
  readonly data: T;
}

/** What the outbox holds, as it travels. */
export function cloudEvent(event: {
  readonly id: string;
  readonly subject: string;
  readonly key: string;
  readonly time: Date;
  readonly payload: object;
}): CloudEvent {
  const [, module = ''] = event.subject.split('.');
  return {
    specversion: '1.0',
    id: event.id,
    source: `/breakwater/${module}`,
    type: event.subject,
    time: event.time.toISOString(),
    datacontenttype: 'application/json',
    partitionkey: event.key,
    data: event.payload,
  };
}

/**
 * Reads an event of any kind: tell them apart with `instanceof` on `data`.
 *
 * @throws UnknownMessageError  no contract: a newer build sent it.
 * @throws InvalidMessageError
 */
export function parseEvent(subject: string, json: string | Uint8Array): CloudEvent<EventPayload> {
  const event = EVENTS.find((candidate) => candidate.subject === subject);
  if (!event) throw new UnknownMessageError(subject);
  return parseEventAs<EventPayload>(event, json);
}

/** Reads an event of one kind. @throws InvalidMessageError */
export function parseEventAs<T extends object>(event: MessageClass<T>, json: string | Uint8Array): CloudEvent<T> {
  const envelope = parseJson(event.subject, json) as Partial<CloudEvent> | null;
  const faults = envelopeFaults(event.subject, envelope ?? {});
  if (faults.length > 0) throw new InvalidMessageError(event.subject, faults);
  return { ...(envelope as CloudEvent), data: checkPayload(event, envelope?.data) };
}

function envelopeFaults(subject: string, envelope: Partial<CloudEvent>): string[] {
  const faults: string[] = [];
  if (envelope.specversion !== '1.0') faults.push('specversion must be 1.0');
  if (envelope.type !== subject) faults.push('type must be the subject');
  if (typeof envelope.id !== 'string' || envelope.id === '') faults.push('id must be a text');
  if (typeof envelope.time !== 'string' || Number.isNaN(Date.parse(envelope.time))) faults.push('time must be a date');
  if (typeof envelope.partitionkey !== 'string') faults.push('partitionkey must be a text');
  return faults;
}
