import { AckPolicy, DeliverPolicy, jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import type { RepositoryLedger } from '../load/ledger.js';

/** An event as it lies in the stream, of the kinds that users cause by what they do to artifacts. */
export interface ToldEvent {
  readonly id: string;
  readonly kind: string;
  /** Events of one key come in order. */
  readonly key: string;
  /** Of the artifact, or the tag's name. */
  readonly what: string;
}

/** All events of the catalog in JetStream, in its order. */
export async function readToldEvents(natsUrl: string): Promise<ToldEvent[]> {
  const { hostname, port } = new URL(natsUrl);
  const connection = await connect({ servers: `${hostname}:${port}` });
  try {
    const manager = await jetstreamManager(connection);
    const { state } = await manager.streams.info('events');
    if (state.messages === 0) return [];
    const { name } = await manager.consumers.add('events', {
      ack_policy: AckPolicy.None,
      deliver_policy: DeliverPolicy.All,
      filter_subject: 'events.catalog.>',
      inactive_threshold: 30_000_000_000,
    });
    const consumer = await jetstream(connection).consumers.get('events', name);
    const events: ToldEvent[] = [];
    for (let pending = (await consumer.info()).num_pending; pending > 0;) {
      for await (const message of await consumer.fetch({ max_messages: 500, expires: 2_000 })) {
        events.push(toldEventOf(message.json<EventInStream>()));
        pending = message.info.pending;
        if (pending === 0) break;
      }
    }
    return events;
  } finally {
    await connection.close();
  }
}

/**
 * Were all acknowledged changes of a repository told, in the order in which they were acknowledged? Changes whose
 * answer was lost may have been told as well, in between.
 *
 * @returns the changes that are missing behind those before them.
 */
export function untoldChanges(ledger: RepositoryLedger, events: readonly ToldEvent[]): string[] {
  const ofRepository = events.filter(({ key }) => key === ledger.name);
  const missing: string[] = [];
  let at = 0;
  for (const { kind, what } of ledger.changes) {
    const found = ofRepository.findIndex((event, index) => index >= at && event.kind === kind && event.what === what);
    if (found < 0) missing.push(`${ledger.name}: ${kind} ${what}`);
    else at = found + 1;
  }
  return missing;
}

interface EventInStream {
  readonly id: string;
  readonly type: string;
  readonly partitionkey: string;
  readonly data: { readonly digest?: string; readonly tag?: string };
}

function toldEventOf({ id, type, partitionkey, data }: EventInStream): ToldEvent {
  const kind = type.split('.')[2] ?? '';
  return { id, kind, key: partitionkey, what: (kind.startsWith('tag-') ? data.tag : data.digest) ?? '' };
}
