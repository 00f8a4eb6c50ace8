import { afterEach, beforeEach, expect, it } from '@jest/globals';
import type { CloudEvent } from '@breakwater/contracts';
import { CreateOutbox1764000000000, Outbox, type Database, type Transaction } from '@breakwater/database';
import { Metrics, SILENT } from '@breakwater/observability';
import {
  createTestDatabase,
  describeWithNats,
  eventually,
  startTestNatsServer,
  testNats,
  type TestDatabase,
} from '@breakwater/testing';
import { MessageBus } from './message-bus.js';
import { OutboxRelay, type OutboxRelayOptions } from './outbox-relay.js';
import { outboxWaker } from './outbox-waker.js';

const SUBJECT = 'events.catalog.test.v1';
const NEVER_MS = 3_600_000;

let testDatabase: TestDatabase;
let database: Database;
let bus: MessageBus;
let relays: OutboxRelay[];

beforeEach(async () => {
  testDatabase = await createTestDatabase({ entities: [], migrations: [CreateOutbox1764000000000] });
  database = await testDatabase.connect();
  relays = [];
});
afterEach(async () => {
  await Promise.all(relays.map((relay) => relay.stop()));
  await bus.close();
  await testDatabase.drop();
});

function connect(url: string): Promise<void> {
  bus = MessageBus.connect({ url, name: 'test', logger: SILENT });
  return eventually(() => bus.ping());
}

function aRelay(options: Partial<OutboxRelayOptions> = {}): OutboxRelay {
  const relay = new OutboxRelay({ database, bus, logger: SILENT, pollMs: 50, ...options });
  relays.push(relay);
  relay.start();
  return relay;
}

/** One transaction per event, as the house writes them. */
async function tell(key: string, number: number, outbox = new Outbox()): Promise<void> {
  await database.unitOfWork.run((tx) => outbox.add(tx, { subject: SUBJECT, key, payload: { number } }));
}

async function emptied(): Promise<void> {
  await eventually(async () => expect(await database.rows('SELECT id FROM outbox_event')).toEqual([]));
}

interface Told {
  readonly id: string;
  readonly key: string;
  readonly number: number;
}

/** Everything in the stream, in its order. */
async function told(): Promise<Told[]> {
  const { streams } = await bus.manager();
  const { state } = await streams.info('events');
  const found: Told[] = [];
  for (let seq = state.first_seq; seq <= state.last_seq && state.messages > 0; seq++) {
    const message = await streams.getMessage('events', { seq });
    const event = message?.json<CloudEvent<{ number: number }>>();
    if (event) found.push({ id: event.id, key: event.partitionkey, number: event.data.number });
  }
  return found;
}

function numbersByKey(events: readonly Told[]): Record<string, number[]> {
  const byKey = Map.groupBy(events, ({ key }) => key);
  return Object.fromEntries([...byKey].map(([key, ofKey]) => [key, ofKey.map(({ number }) => number)]));
}

const range = (length: number): number[] => Array.from({ length }, (_, index) => index);

describeWithNats('OutboxRelay', () => {
  beforeEach(async () => connect((await testNats()).url));

  it('publishes what the outbox holds, as CloudEvents, and deletes it', async () => {
    await tell('team/app', 1);
    aRelay();
    await emptied();
    const { streams } = await bus.manager();
    expect((await streams.getMessage('events', { seq: 1 }))?.json()).toEqual({
      specversion: '1.0',
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      source: '/breakwater/catalog',
      type: SUBJECT,
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      datacontenttype: 'application/json',
      partitionkey: 'team/app',
      data: { number: 1 },
    });
  });

  it('is woken by the transaction, without waiting for its poll', async () => {
    aRelay({ pollMs: NEVER_MS });
    await bus.ping(); // it listens
    await tell('team/app', 1, new Outbox(outboxWaker(bus)));
    await emptied();
  });

  it('keeps the order of each key, and sends nothing twice, with several relays and more than one batch', async () => {
    const keys = ['a', 'b', 'c'];
    for (const _ of range(3)) aRelay({ batchSize: 7, pollMs: 5 });
    await Promise.all(
      keys.map(async (key) => {
        for (const number of range(40)) await tell(key, number);
      }),
    );
    await emptied();
    const events = await told();
    expect(numbersByKey(events)).toEqual(Object.fromEntries(keys.map((key) => [key, range(40)])));
    expect(new Set(events.map(({ id }) => id)).size).toBe(120);
  });

  it('repeats what it published before it was killed, and the server drops the repeat', async () => {
    for (const number of range(5)) await tell('a', number);
    const killed = Promise.withResolvers<void>();
    const doomed = {
      rows: database.rows.bind(database),
      unitOfWork: {
        run: (work: (tx: Transaction) => Promise<unknown>) =>
          database.unitOfWork.run(async (tx) => {
            await work(tx);
            killed.resolve();
            throw new Error('killed between the acknowledgement and the commit');
          }),
      },
    } as unknown as Database;
    const first = aRelay({ database: doomed });
    await killed.promise;
    await first.stop();
    expect(await told()).toHaveLength(5);
    expect(await database.rows('SELECT id FROM outbox_event')).toHaveLength(5);

    await tell('a', 5);
    aRelay();
    await emptied();
    expect(numbersByKey(await told())).toEqual({ a: range(6) });
  });

  it('puts what can never be published to the dead letters, and goes on with its key', async () => {
    const outbox = new Outbox();
    await database.unitOfWork.run((tx) =>
      outbox.add(
        tx,
        { subject: SUBJECT, key: 'a', payload: { text: 'x'.repeat(2 ** 21) } },
        { subject: 'gossip.v1', key: 'a', payload: {} },
        { subject: SUBJECT, key: 'a', payload: { number: 1 } },
      ),
    );
    aRelay();
    await emptied();
    expect(numbersByKey(await told())).toEqual({ a: [1] });
    expect(await bus.deadLetters.list({ limit: 10 })).toMatchObject([
      { givenUpBy: 'outbox-relay', subject: 'gossip.v1', reason: { code: 'NO_STREAM' } },
      { givenUpBy: 'outbox-relay', subject: SUBJECT, reason: { code: 'MESSAGE_TOO_LARGE' } },
    ]);
  });

  it('tells how much it published and how long the oldest event waits', async () => {
    const metrics = new Metrics('test');
    await tell('a', 1);
    const waiting = new OutboxRelay({ database, bus, logger: SILENT, metrics });
    const [, ageSeconds] = /outbox_oldest_event_age_seconds\{.*\} (\S+)/.exec((await metrics.exposition()).body) ?? [];
    expect(Number(ageSeconds)).toBeGreaterThan(0);
    relays.push(waiting);
    waiting.start();
    await emptied();
    const { body } = await metrics.exposition();
    expect(body).toContain('outbox_oldest_event_age_seconds{app="test"} 0');
    await eventually(async () =>
      expect((await metrics.exposition()).body).toContain('breakwater_outbox_published_total{app="test"} 1'),
    );
  });
});

describeWithNats('OutboxRelay, when NATS comes and goes', () => {
  it('loses nothing and keeps the order when the server is killed and started again in mid-run', async () => {
    let server = await startTestNatsServer();
    await connect(server.url);
    aRelay({ batchSize: 10 });
    const keys = ['a', 'b', 'c', 'd'];
    let written = 0;
    const half = Promise.withResolvers<void>();
    const writing = Promise.all(
      keys.map(async (key) => {
        for (const number of range(100)) {
          await tell(key, number);
          if (++written === 200) half.resolve();
        }
      }),
    );
    await half.promise;
    await server.stop('SIGKILL');
    await writing;
    await eventually(() => expect(bus.isConnected).toBe(false));
    expect((await database.rows('SELECT id FROM outbox_event')).length).toBeGreaterThan(0);

    server = await startTestNatsServer(server);
    await emptied();
    expect(numbersByKey(await told())).toEqual(Object.fromEntries(keys.map((key) => [key, range(100)])));
    await server.stop();
  });

  it('holds no lock and reads no row while the server is away', async () => {
    bus = MessageBus.connect({ url: 'nats://127.0.0.1:1', name: 'test', logger: SILENT });
    let asked = 0;
    const counted = { rows: async () => asked++, unitOfWork: database.unitOfWork } as unknown as Database;
    const relay = aRelay({ database: counted, pollMs: 1 });
    await tell('a', 1);
    await relay.stop();
    expect(asked).toBe(0);
    expect(await database.rows('SELECT id FROM outbox_event')).toHaveLength(1);
  });
});
