import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { AccountChanged, ProjectChanged, type MessageClass } from '@breakwater/contracts';
import { SILENT } from '@breakwater/observability';
import { describeWithNats, eventually, startTestNatsServer, testNats } from '@breakwater/testing';
import { MessageBus } from './message-bus.js';
import { BusUnavailableError, MessageTooLargeError, NoStreamError } from './messaging.errors.js';
import { STREAMS } from './streams.js';

const started: MessageBus[] = [];
let url: string;

function aBus(at: string | null = url): MessageBus {
  const bus = MessageBus.connect({ url: at, name: 'test', logger: SILENT });
  started.push(bus);
  return bus;
}
async function aConnectedBus(at?: string): Promise<MessageBus> {
  const bus = aBus(at);
  await eventually(() => expect(bus.isConnected).toBe(true));
  return bus;
}
afterEach(async () => {
  await Promise.all(started.splice(0).map((bus) => bus.close()));
});

describeWithNats('MessageBus', () => {
  beforeEach(async () => {
    ({ url } = await testNats());
  });

  describe('notices', () => {
    it('reach every process, the teller included', async () => {
      const [one, other] = [await aConnectedBus(), await aConnectedBus()];
      const heard: string[] = [];
      one.onNotice(ProjectChanged, ({ name }) => heard.push(`one ${name}`));
      other.onNotice(ProjectChanged, ({ name }) => heard.push(`other ${name}`));
      await Promise.all([one.ping(), other.ping()]); // the server has the subscriptions
      one.notify(ProjectChanged, { name: 'team', projectId: null });
      await eventually(() => expect(heard.sort()).toEqual(['one team', 'other team']));
    });

    it('are heard when the listener came before the connection', async () => {
      const late = aBus();
      const heard: number[] = [];
      late.onNotice(AccountChanged, ({ accountId }) => heard.push(accountId));
      await eventually(() => late.ping());
      late.notify(AccountChanged, { accountId: 7 });
      await eventually(() => expect(heard).toEqual([7]));
    });

    it('are not heard after the subscription ended, nor when they break their contract', async () => {
      const bus = await aConnectedBus();
      const heard: string[] = [];
      const stop = bus.onNotice(ProjectChanged, ({ name }) => heard.push(name));
      await bus.ping();
      const broken = { subject: ProjectChanged.subject } as unknown as MessageClass;
      bus.notify(broken, { name: 12 });
      bus.notify(ProjectChanged, { name: 'first', projectId: 1 });
      await eventually(() => expect(heard).toEqual(['first']));
      stop();
      bus.notify(ProjectChanged, { name: 'second', projectId: 1 });
      await bus.ping();
      expect(heard).toEqual(['first']);
    });
  });

  describe('store', () => {
    it('keeps a message once, however often it is repeated', async () => {
      const bus = await aConnectedBus();
      for (const id of ['a', 'a', 'b', 'a']) await bus.store('events.catalog.test.v1', { id }, { messageId: id });
      const { state } = await (await bus.manager()).streams.info('events');
      expect(state.messages).toBe(2);
    });

    it('refuses what no stream takes and what the server does not take', async () => {
      const bus = await aConnectedBus();
      await expect(bus.store('elsewhere.x', {}, { messageId: 'a' })).rejects.toThrow(NoStreamError);
      const large = { text: 'x'.repeat(2 ** 20) };
      await expect(bus.store('events.x', large, { messageId: 'b' })).rejects.toThrow(MessageTooLargeError);
    });

    it('leaves to a stream what an operator set, and adds the subjects that it lacks', async () => {
      const bus = await aConnectedBus();
      const manager = await bus.manager();
      const own = {
        ...(await manager.streams.info('jobs')).config,
        subjects: ['jobs.scan', 'tasks.>'],
        max_msgs: 5_000,
      };
      await manager.streams.update('jobs', own);
      const later = await aConnectedBus();
      const { config } = await (await later.manager()).streams.info('jobs');
      expect(config).toMatchObject({ max_msgs: 5_000, subjects: [...STREAMS.jobs.subjects, 'tasks.>'] });
    });
  });
});

describeWithNats('MessageBus, when NATS comes and goes', () => {
  it('starts before NATS, and hears notices once it is there', async () => {
    const stopped = await startTestNatsServer();
    await stopped.stop('SIGKILL');
    const bus = aBus(stopped.url);
    const heard: number[] = [];
    bus.onNotice(AccountChanged, ({ accountId }) => heard.push(accountId));
    await expect(bus.ping()).rejects.toThrow(BusUnavailableError);
    const server = await startTestNatsServer(stopped);
    await eventually(() => bus.ping());
    bus.notify(AccountChanged, { accountId: 7 });
    await eventually(() => expect(heard).toEqual([7]));
    await server.stop();
  });

  it('says when notices may have been missed, and goes on by itself after a crash of the server', async () => {
    const server = await startTestNatsServer();
    const bus = await aConnectedBus(server.url);
    const heard: number[] = [];
    let ups = 0;
    bus.onNotice(AccountChanged, ({ accountId }) => heard.push(accountId));
    bus.onUp(() => ups++);
    await server.stop('SIGKILL');
    await eventually(() => expect(bus.isConnected).toBe(false));
    await expect(bus.store('events.x', {}, { messageId: 'a' })).rejects.toThrow(BusUnavailableError);
    bus.notify(AccountChanged, { accountId: 1 });

    const again = await startTestNatsServer(server);
    await eventually(() => expect(ups).toBe(1));
    bus.notify(AccountChanged, { accountId: 2 });
    await eventually(() => expect(heard).toEqual([2]));
    await bus.store('events.x', {}, { messageId: 'a' });
    await again.stop();
  });

  it('makes the streams anew when the server has lost its store', async () => {
    const server = await startTestNatsServer();
    const bus = await aConnectedBus(server.url);
    await bus.store('events.x', {}, { messageId: 'a' });
    await (await bus.manager()).streams.delete('events');
    await expect(bus.store('events.x', {}, { messageId: 'b' })).rejects.toThrow(BusUnavailableError);
    await bus.store('events.x', {}, { messageId: 'b' });
    await server.stop();
  });
});

describe('MessageBus without NATS', () => {
  it('does nothing, and says so', async () => {
    const bus = aBus(null);
    bus.notify(AccountChanged, { accountId: 1 });
    expect(bus.isConnected).toBe(false);
    await expect(bus.ping()).rejects.toThrow(BusUnavailableError);
    await expect(bus.store('events.x', {}, { messageId: 'a' })).rejects.toThrow(BusUnavailableError);
  });

  it('can be closed while it still tries to connect', async () => {
    const bus = aBus('nats://127.0.0.1:1');
    await expect(bus.close()).resolves.toBeUndefined();
  });
});
