import { loadConfig } from '@breakwater/config';
import { SILENT } from '@breakwater/observability';
import { NodeProcess, describeWithNats, eventually, startTestNatsServer } from '@breakwater/testing';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { startWebhook, type RunningWebhook } from './start-webhook.js';
import { Receiver } from './testing/receiver.js';
import { createWebhookWorld, type WebhookWorld } from './testing/webhook-world.js';
import { WebhookConfig } from './webhook.config.js';

/** Of a process from its source, all of which is compiled first. */
const START_MS = 180_000;
const NEVER = new AbortController().signal;

describeWithNats('webhook', () => {
  let nats: Awaited<ReturnType<typeof startTestNatsServer>>;
  let world: WebhookWorld;
  let receiver: Receiver;
  let running: RunningWebhook[] = [];

  beforeAll(async () => {
    nats = await startTestNatsServer();
    world = await createWebhookWorld(nats.url);
  });
  beforeEach(async () => {
    receiver = await Receiver.start();
  });
  afterEach(async () => {
    await Promise.all(running.map((each) => each.stop()));
    running = [];
    receiver.stop();
    // One test's policies are not told of another's pushes.
    await world.database.rows('DELETE FROM webhook_policy RETURNING id');
  });
  afterAll(async () => {
    await world.close();
    await nats.stop();
  });

  const start = async (): Promise<RunningWebhook> => {
    const started = await startWebhook(
      loadConfig(WebhookConfig, world.environment, () => undefined),
      SILENT,
      NEVER,
    );
    running.push(started);
    return started;
  };
  const statuses = async (policy: number): Promise<string[]> =>
    (await world.deliveries(policy)).map(({ status }) => status);
  const ids = (): unknown[] => receiver.received.map(({ headers }) => headers['x-breakwater-delivery']);

  it('tells of an event on the bus, signed, and measures it', async () => {
    const policy = await world.addPolicy(receiver.url, 'shared');
    const { port } = await start();
    await world.push('1.0');
    await eventually(async () => expect(await statuses(policy)).toEqual(['Success']));
    expect(receiver.received).toHaveLength(1);
    expect(receiver.received[0]?.headers['x-breakwater-signature-256']).toMatch(/^t=\d+,v1=[0-9a-f]{64}$/);
    expect(JSON.parse(receiver.received[0]?.body ?? '')).toMatchObject({
      event_data: { resources: [{ resource_url: 'reg.example:8443/team/app:1.0' }] },
    });
    const ask = (path: string): Promise<Response> => fetch(`http://127.0.0.1:${port}${path}`);
    await eventually(async () => expect((await ask('/healthz/ready')).status).toBe(200));
    // Counted once it is written down, which the database may tell others a moment before.
    await eventually(async () =>
      expect(await (await ask('/metrics')).text()).toContain(
        'breakwater_webhook_attempts_total{type="http",result="delivered",app="webhook"} 1',
      ),
    );
  });

  it('makes every delivery once, though two of them run', async () => {
    const policy = await world.addPolicy(receiver.url);
    await Promise.all([start(), start()]);
    const tags = Array.from({ length: 40 }, (_, index) => `v${index}`);
    await Promise.all(tags.map((tag) => world.push(tag)));
    await eventually(async () => expect(await statuses(policy)).toEqual(tags.map(() => 'Success')));
    expect(receiver.received).toHaveLength(tags.length);
    expect(new Set(ids()).size).toBe(tags.length);
  });

  it(
    'delivers what was killed between the sending and the record again, with the same id',
    async () => {
      const policy = await world.addPolicy(receiver.url);
      receiver.answer = () => undefined;
      const doomed = new NodeProcess(new URL('./main.ts', import.meta.url), world.environment);
      await eventually(() => expect(doomed.hasSaid('"message":"running"')).toBe(true), START_MS);
      await world.push('1.0');
      await eventually(() => expect(receiver.received).toHaveLength(1));
      doomed.kill('SIGKILL');
      await doomed.ended;
      expect(await world.deliveries(policy)).toMatchObject([{ status: 'Running', attempts: 1 }]);
      receiver.answer = (response) => void response.end();
      // Its lease would be over in less than a minute.
      await world.database.rows('UPDATE webhook_queue SET due_at = now() RETURNING delivery_id');
      await start();
      await eventually(async () => expect(await statuses(policy)).toEqual(['Success']));
      expect(new Set(ids()).size).toBe(1);
      expect(await world.deliveries(policy)).toMatchObject([{ attempts: 2 }]);
    },
    START_MS + 120_000,
  );

  it('goes on with what is queued while NATS is away, and hears of what happens after', async () => {
    const policy = await world.addPolicy(receiver.url);
    receiver.answer = (response) => void response.writeHead(500).end();
    const { port } = await start();
    await world.push('before');
    await eventually(() => expect(receiver.received).not.toEqual([]));
    await nats.stop('SIGKILL');
    receiver.answer = (response) => void response.end();
    await eventually(async () => expect(await statuses(policy)).toEqual(['Success']));
    expect((await fetch(`http://127.0.0.1:${port}/healthz/ready`)).status).toBe(200);
    nats = await startTestNatsServer(nats);
    // One event, though the bus may have it of a try whose answer was lost.
    const id = randomUUID();
    await eventually(() => world.push('after', id));
    await eventually(async () => expect(await statuses(policy)).toEqual(['Success', 'Success']));
  }, 240_000);

  it(
    'ends with 0 when it is told to, also while it waits for its tables',
    async () => {
      const child = new NodeProcess(new URL('./main.ts', import.meta.url), world.environment);
      await eventually(() => expect(child.hasSaid('"message":"running"')).toBe(true), START_MS);
      child.kill('SIGTERM');
      expect(await child.ended).toMatchObject({ code: 0, stderr: '' });
      await world.database.rows('ALTER TABLE migration RENAME TO not_yet');
      const waiting = new NodeProcess(new URL('./main.ts', import.meta.url), world.environment);
      await eventually(() => expect(waiting.hasSaid('waiting: the database is not migrated yet')).toBe(true), START_MS);
      waiting.kill('SIGTERM');
      expect(await waiting.ended).toMatchObject({ code: 0, stderr: '' });
      await world.database.rows('ALTER TABLE not_yet RENAME TO migration');
    },
    2 * START_MS + 60_000,
  );
});
