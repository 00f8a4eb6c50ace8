import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { InvalidMessageError } from '@breakwater/contracts';
import { SILENT } from '@breakwater/observability';
import { AckPolicy } from '@nats-io/jetstream';
import { nanos } from '@nats-io/nats-core';
import { describeWithNats, eventually, startTestNatsServer, testNats } from '@breakwater/testing';
import type { ConsumeOptions } from './consumer.js';
import { MessageBus } from './message-bus.js';

let bus: MessageBus;
let url: string;
const opened: MessageBus[] = [];

function aBus(at = url): MessageBus {
  const opening = MessageBus.connect({ url: at, name: 'test', logger: SILENT });
  opened.push(opening);
  return opening;
}

beforeEach(async () => {
  ({ url } = await testNats());
  bus = aBus();
  await eventually(() => bus.ping());
});
afterEach(() => Promise.all(opened.splice(0).map((one) => one.close())));

async function store(...ids: string[]): Promise<void> {
  for (const id of ids) await bus.store('events.catalog.test.v1', { id }, { messageId: id });
}

/** Starts a consumer that notes what it handles. */
function read(options: Partial<ConsumeOptions> = {}, from = bus): { handled: string[] } {
  const handled: string[] = [];
  from.consume({
    stream: 'events',
    durable: 'reader',
    handle: async ({ messageId }) => void handled.push(messageId),
    ...options,
  });
  return { handled };
}

describeWithNats('Consumer', () => {
  it('reads in order, what was there before it included', async () => {
    await store('a', 'b');
    const { handled } = read();
    await store('c');
    await eventually(() => expect(handled).toEqual(['a', 'b', 'c']));
  });

  it('goes on where its predecessor stopped, and only after what was acknowledged', async () => {
    await store('a');
    const first = bus.consume({ stream: 'events', durable: 'reader', handle: async () => undefined });
    await eventually(async () => {
      const { ack_floor } = await (await bus.manager()).consumers.info('events', 'reader');
      expect(ack_floor.stream_seq).toBe(1);
    });
    await first.stop();
    await store('b');
    const { handled } = read();
    await eventually(() => expect(handled).toEqual(['b']));
  });

  it('gives each reading app everything, and each message to one of its replicas', async () => {
    const ids = Array.from({ length: 30 }, (_, index) => `m${index}`);
    const replica = aBus();
    const [one, two] = [read({ durable: 'webhook' }), read({ durable: 'webhook' }, replica)];
    const other = read({ durable: 'jobservice' });
    await store(...ids);
    await eventually(() => expect([...one.handled, ...two.handled].sort()).toEqual([...ids].sort()));
    await eventually(() => expect(other.handled).toEqual(ids));
  });

  it('reads only the subjects that it asks for', async () => {
    const { handled } = read({ subject: 'events.accounts.>' });
    await store('catalog');
    await bus.store('events.accounts.test.v1', {}, { messageId: 'accounts' });
    await eventually(() => expect(handled).toEqual(['accounts']));
  });

  it('handles as many at a time as it may', async () => {
    let running = 0;
    let most = 0;
    const release = Promise.withResolvers<void>();
    read({
      concurrency: 3,
      handle: async () => {
        most = Math.max(most, ++running);
        await release.promise;
        running--;
      },
    });
    await store('a', 'b', 'c', 'd', 'e');
    await eventually(() => expect(running).toBe(3));
    release.resolve();
    await eventually(async () => {
      const info = await (await bus.manager()).consumers.info('events', 'reader');
      expect(info).toMatchObject({ num_pending: 0, num_ack_pending: 0 });
    });
    expect(most).toBe(3);
  });

  it('lets a handler finish that takes longer than the server waits, without a second delivery', async () => {
    const release = Promise.withResolvers<void>();
    let deliveries = 0;
    // A third of it may pass between two signs of life: what is left is for a machine that is slow to give them.
    const ackWaitMs = 6_000;
    read({
      ackWaitMs,
      handle: async () => {
        deliveries++;
        await release.promise;
      },
    });
    await store('a');
    await eventually(() => expect(deliveries).toBe(1));
    // The server's own clock: it waits a little longer for a reader that gives no sign of life at all.
    const manager = await bus.manager();
    const silent = { ack_policy: AckPolicy.Explicit, ack_wait: nanos(ackWaitMs + 200) };
    await manager.consumers.add('events', { durable_name: 'clock', ...silent });
    const clock = await manager.jetstream().consumers.get('events', 'clock');
    for (const delivery of [1, 2]) expect((await clock.next())?.info.deliveryCount).toBe(delivery);
    expect(deliveries).toBe(1);
    release.resolve();
  });

  it('finishes what it handles before it stops', async () => {
    const [entered, release] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const order: string[] = [];
    const consumer = bus.consume({
      stream: 'events',
      durable: 'reader',
      handle: async ({ signal }) => {
        signal.addEventListener('abort', () => order.push('asked to end'));
        entered.resolve();
        await release.promise;
        order.push('handled');
      },
    });
    await store('a');
    await entered.promise;
    const stopped = consumer.stop().then(() => order.push('stopped'));
    release.resolve();
    await stopped;
    expect(order).toEqual(['asked to end', 'handled', 'stopped']);
  });
});

describeWithNats('Consumer, when a message cannot be handled', () => {
  it('tries again with pauses, then keeps it as a dead letter with its reason', async () => {
    const tries: number[] = [];
    const { handled } = read({
      backoffMs: [10, 20],
      handle: async ({ messageId, deliveries }) => {
        if (messageId !== 'poison') return void handled.push(messageId);
        tries.push(deliveries);
        throw new TypeError('cannot read the tag of undefined');
      },
    });
    await store('before', 'poison', 'after');
    const [letter] = await eventually(async () => {
      const letters = await bus.deadLetters.list({ limit: 10 });
      expect(letters).toHaveLength(1);
      return letters;
    });
    expect(letter).toMatchObject({
      givenUpBy: 'reader',
      subject: 'events.catalog.test.v1',
      messageId: 'poison',
      deliveries: 3,
      reason: { code: 'INTERNAL', message: 'cannot read the tag of undefined' },
      text: '{"id":"poison"}',
    });
    expect(tries).toEqual([1, 2, 3]);
    // What comes again goes before what is new.
    await eventually(() => expect(handled).toEqual(['before', 'after']));
  });

  it('does not try again what breaks its contract', async () => {
    let tries = 0;
    read({
      handle: async () => {
        tries++;
        throw new InvalidMessageError('events.catalog.test.v1', ['tag must be a tag']);
      },
    });
    await store('broken');
    await eventually(async () => {
      const reason = { code: 'MESSAGE_INVALID', message: expect.stringContaining('tag must be a tag') };
      expect(await bus.deadLetters.list({ limit: 1 })).toMatchObject([{ reason, deliveries: 1 }]);
    });
    expect(tries).toBe(1);
  });

  it('gives up a message that kills its readers', async () => {
    await store('deadly');
    const manager = await bus.manager();
    await manager.consumers.add('events', {
      durable_name: 'reader',
      ack_policy: AckPolicy.Explicit,
      ack_wait: nanos(100),
    });
    const doomed = await manager.jetstream().consumers.get('events', 'reader');
    for (const delivery of [1, 2]) expect((await doomed.next())?.info.deliveryCount).toBe(delivery);

    const { handled } = read({ backoffMs: [10], ackWaitMs: 100 });
    await eventually(async () => {
      expect(await bus.deadLetters.list({ limit: 1 })).toMatchObject([{ reason: { code: 'NEVER_ANSWERED' } }]);
    });
    expect(handled).toEqual([]);
  });
});

describeWithNats('DeadLetters', () => {
  it('lists the newest first, page by page, and forgets what is removed', async () => {
    for (const messageId of ['a', 'b', 'c', 'd'])
      await bus.deadLetters.add({
        givenUpBy: 'reader',
        subject: 'events.x',
        messageId,
        deliveries: 1,
        text: '',
        error: 'unreadable',
      });
    const page = await bus.deadLetters.list({ limit: 2 });
    expect(page.map(({ messageId }) => messageId)).toEqual(['d', 'c']);
    expect(await bus.deadLetters.remove(2)).toBe(true);
    expect(await bus.deadLetters.remove(2)).toBe(false);
    const rest = await bus.deadLetters.list({ limit: 2, before: page.at(-1)?.sequence ?? 0 });
    expect(rest.map(({ messageId }) => messageId)).toEqual(['a']);
  });
});

describeWithNats('Consumer, when NATS comes and goes', () => {
  it('goes on after a crash of the server, without a loss', async () => {
    const server = await startTestNatsServer();
    const own = aBus(server.url);
    const { handled } = read({}, own);
    await eventually(() => own.store('events.x', {}, { messageId: 'before' }));
    await eventually(() => expect(handled).toEqual(['before']));
    await server.stop('SIGKILL');
    const again = await startTestNatsServer(server);
    await eventually(() => own.store('events.x', {}, { messageId: 'after' }));
    await eventually(() => expect(new Set(handled)).toEqual(new Set(['before', 'after'])));
    await again.stop();
  });

  it('starts before NATS', async () => {
    const stopped = await startTestNatsServer();
    await stopped.stop('SIGKILL');
    const own = aBus(stopped.url);
    const { handled } = read({}, own);
    const server = await startTestNatsServer(stopped);
    await eventually(() => own.store('events.x', {}, { messageId: 'a' }));
    await eventually(() => expect(handled).toEqual(['a']));
    await server.stop();
  });
});
