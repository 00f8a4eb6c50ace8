import { ArtifactPushedV1 } from '@breakwater/contracts';
import { eventually } from '@breakwater/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { WebhookDispatch } from '../create-webhooks.js';
import type { GivenPolicy, GivenTarget } from '../policies/webhook-policy.js';
import { answering, hanging, TestTarget } from '../testing/test-target.js';
import { aPush, anEvent, createWebhookWorld, type WebhookWorld } from '../testing/webhook-world.js';
import { signatureOf } from './signature.js';

let world: WebhookWorld;
let target: TestTarget;
let project: number;
let running: WebhookDispatch[] = [];
let count = 0;

beforeAll(async () => {
  world = await createWebhookWorld();
});
beforeEach(async () => {
  project = await world.addProject(`team-${++count}`);
  target = await TestTarget.start();
});
afterEach(async () => {
  await Promise.all(running.map(({ dispatcher }) => dispatcher.stop()));
  running = [];
  await target.stop();
});
afterAll(() => world.close());

async function start(...given: Parameters<WebhookWorld['dispatch']>): Promise<WebhookDispatch> {
  const dispatch = await world.dispatch(...given);
  dispatch.dispatcher.start();
  running.push(dispatch);
  return dispatch;
}

const push = (dispatch: WebhookDispatch, tag = '1.0', to = project): Promise<void> =>
  dispatch.intake.handle(anEvent(ArtifactPushedV1, aPush(to, `team-${count}/app`, tag)));

const policyTo = (given: Partial<GivenTarget> = {}, policy: Partial<GivenPolicy> = {}): Promise<number> =>
  world.addPolicy(project, policy, { address: target.url, ...given });

async function only(policy: number) {
  const [delivery] = await world.history(project, policy);
  if (delivery === undefined) throw new Error('there is no delivery');
  return delivery;
}
const ended = (policy: number): Promise<Awaited<ReturnType<typeof only>>> =>
  eventually(async () => {
    const delivery = await only(policy);
    expect(delivery.endedAt).not.toBeNull();
    return delivery;
  });

describe('a message', () => {
  it('arrives with its headers, signed, and is written down without its secrets', async () => {
    const policy = await policyTo({
      address: `${target.url}?key=hidden`,
      authHeader: 'Bearer very-secret',
      signingSecret: 'shared',
    });
    await push(await start());
    const delivery = await ended(policy);
    expect(delivery).toMatchObject({ status: 'Success', attempts: 1, statusMessage: '' });
    const [received] = target.received;
    expect(received?.body).toBe(delivery.body);
    expect(received?.headers).toMatchObject({
      'content-type': 'application/json',
      authorization: 'Bearer very-secret',
      'x-breakwater-delivery': delivery.uid,
      'x-breakwater-event': 'PUSH_ARTIFACT',
      'x-breakwater-event-id': delivery.eventId,
      'x-breakwater-attempt': '1',
    });
    const signature = String(received?.headers['x-breakwater-signature-256']);
    const [, seconds] = /^t=(\d+),v1=[0-9a-f]{64}$/.exec(signature) ?? [];
    expect(signature).toBe(signatureOf('shared', delivery.body, new Date(Number(seconds) * 1000)));
    const [attempt] = delivery.history;
    expect(attempt).toMatchObject({ attempt: 1, responseStatus: 200, responseBody: 'ok', error: null });
    expect(attempt?.address).toBe(`${target.url}?key=[redacted]`);
    expect(attempt?.requestHeaders).toMatchObject({
      authorization: '[redacted]',
      'x-breakwater-signature-256': `t=${seconds},v1=[redacted]`,
    });
    expect(JSON.stringify(delivery.history)).not.toMatch(/hidden|very-secret|[0-9a-f]{64}/);
  });

  it('is shown without its secrets where the target answers with what it was sent', async () => {
    target.answer = ({ headers }, response) => void response.end(JSON.stringify(headers));
    const policy = await policyTo({ authHeader: 'Bearer very-secret', signingSecret: 'shared' });
    await push(await start());
    const [attempt] = (await ended(policy)).history;
    expect(attempt?.responseBody).toContain('"authorization":"[redacted]"');
    expect(attempt?.responseBody).not.toMatch(/very-secret|[0-9a-f]{64}/);
  });

  it('is sent as a CloudEvent where the target wants that', async () => {
    const policy = await policyTo({ payloadFormat: 'CloudEvents' });
    await push(await start());
    const { uid } = await ended(policy);
    expect(target.received[0]?.headers['content-type']).toBe('application/cloudevents+json');
    expect(target.bodies).toMatchObject([{ specversion: '1.0', id: uid, type: 'harbor.artifact.pushed' }]);
  });

  it('comes again after a failure, and then says what went wrong before', async () => {
    target.answer = (message, response) =>
      void response.writeHead(message.headers['x-breakwater-attempt'] === '3' ? 204 : 500).end('try later');
    const policy = await policyTo();
    await push(await start());
    const delivery = await ended(policy);
    expect(delivery).toMatchObject({ status: 'Success', attempts: 3 });
    expect(delivery.history.map(({ responseStatus }) => responseStatus)).toEqual([500, 500, 204]);
    expect(new Set(target.received.map(({ headers }) => headers['x-breakwater-delivery'])).size).toBe(1);
    expect(delivery.history[0]).toMatchObject({ error: 'the target answered 500', responseBody: 'try later' });
  });

  it('is given up after the configured attempts, and can be sent again', async () => {
    target.answer = answering(500);
    const policy = await policyTo();
    const dispatch = await start();
    await push(dispatch);
    const failed = await ended(policy);
    expect(failed).toMatchObject({ status: 'Error', attempts: 3 });
    expect(failed.statusMessage).toBe('given up after 3 attempts: the target answered 500');
    target.answer = (_, response) => void response.end();
    const again = await world.deliveries.replay('ann', project, policy, failed.id);
    dispatch.dispatcher.wake();
    const delivery = await ended(policy);
    expect(delivery).toMatchObject({ id: again, status: 'Success', replayOf: failed.uid, body: failed.body });
    expect(target.received.at(-1)?.headers).toMatchObject({ 'x-breakwater-replay-of': failed.uid });
    expect(delivery.uid).not.toBe(failed.uid);
  });

  it('waits as long as the target asks, which survives the end of the process', async () => {
    target.answer = answering(429, { 'retry-after': '3600' });
    const policy = await policyTo();
    const first = await start();
    await push(first);
    const waiting = await eventually(async () => {
      const delivery = await only(policy);
      expect(delivery.nextAttemptAt).not.toBeNull();
      expect(delivery.attempts).toBe(1);
      return delivery;
    });
    expect(waiting).toMatchObject({ status: 'Pending', statusMessage: 'the target answered 429' });
    expect((waiting.nextAttemptAt?.getTime() ?? 0) - Date.now()).toBeGreaterThan(3_000_000);
    await first.dispatcher.stop();
    target.answer = (_, response) => void response.end();
    await world.database.rows('UPDATE webhook_queue SET due_at = now() RETURNING delivery_id');
    await start();
    expect(await ended(policy)).toMatchObject({ status: 'Success', attempts: 2 });
  });
});

describe('a target that misbehaves', () => {
  const faults: [string, (given: TestTarget) => void, RegExp, { timeoutMs?: number }][] = [
    [
      'hangs',
      (given) => (given.answer = hanging),
      /did not begin to answer within|was not done within/,
      { timeoutMs: 300 },
    ],
    ['resets', (given) => (given.answer = (_, __, request) => request.socket.destroy()), /cannot be reached/, {}],
    [
      'redirects',
      (given) => (given.answer = answering(307, { location: 'http://169.254.169.254/x?y=z' })),
      /307, a redirect to http:\/\/169\.254\.169\.254\/x\?y=\[redacted\]; redirects are not followed/,
      {},
    ],
    [
      'answers nonsense',
      (given) => (given.answer = (_, __, request) => request.socket.end('no http\r\n\r\n')),
      /cannot be/,
      {},
    ],
  ];

  it.each(faults)('and %s fails its own messages, with the reason', async (_, misbehave, reason, options) => {
    misbehave(target);
    const policy = await policyTo();
    await push(await start({ ...options, maxAttempts: 2 }));
    const delivery = await ended(policy);
    expect(delivery).toMatchObject({ status: 'Error', attempts: 2 });
    expect(delivery.statusMessage).toMatch(reason);
  });

  it('and never ends its answer is read no further than needed', async () => {
    target.answer = (_, response) => {
      response.writeHead(200);
      const flood = (): void => {
        while (!response.destroyed && response.write('x'.repeat(65_536)));
        response.once('drain', flood);
      };
      flood();
    };
    const policy = await policyTo();
    await push(await start());
    const delivery = await ended(policy);
    expect(delivery.status).toBe('Success');
    expect(delivery.history[0]?.responseBody).toHaveLength(4_096);
  });

  it('and answers what no text can hold is written down all the same', async () => {
    target.answer = (_, response) => void response.writeHead(500).end(Buffer.from([0, 0xff, 0x41]));
    const policy = await policyTo();
    await push(await start({ maxAttempts: 1 }));
    expect((await ended(policy)).history[0]?.responseBody).toBe('��A');
  });

  it('by address is refused at once, and named so that an administrator can help', async () => {
    const policy = await policyTo();
    await push(await start({}, []));
    const delivery = await ended(policy);
    expect(delivery).toMatchObject({ status: 'Error', attempts: 1 });
    expect(delivery.statusMessage).toContain('BREAKWATER_OUTBOUND_ALLOW');
    expect(target.received).toEqual([]);
  });
});

describe('meanwhile', () => {
  it('a policy that was disabled sends nothing more', async () => {
    target.answer = answering(500);
    const policy = await policyTo();
    const dispatch = await start({ firstPauseMs: 60_000, longestPauseMs: 60_000 });
    await push(dispatch);
    await eventually(async () => expect((await only(policy)).history).toHaveLength(1));
    const given = await world.policies.get(project, policy, { withSecrets: true });
    const targets = given.targets.map((each) => ({ ...each, payloadFormat: '', authHeader: '', signingSecret: null }));
    await world.policies.update('ann', project, policy, { ...given, targets, isEnabled: false });
    await world.database.rows('UPDATE webhook_queue SET due_at = now() RETURNING delivery_id');
    dispatch.dispatcher.wake();
    expect(await ended(policy)).toMatchObject({ status: 'Stopped', attempts: 1 });
    expect(target.received).toHaveLength(1);
    await expect(world.deliveries.replay('ann', project, policy, (await only(policy)).id)).rejects.toMatchObject({
      kind: 'precondition',
    });
  });

  it('a policy that was deleted sends nothing more, and its history goes', async () => {
    const idle = await world.dispatch();
    const policy = await policyTo();
    await push(idle);
    await world.policies.delete('ann', project, policy);
    await start();
    const left = (table: string): Promise<object[]> => world.database.rows(`SELECT * FROM ${table}`);
    await eventually(async () => expect(await left('webhook_queue')).toEqual([]));
    expect(target.received).toEqual([]);
    await idle.sweep.runOnce();
    const rows = await world.database.rows('SELECT 1 FROM webhook_delivery WHERE policy_id = $1', [policy]);
    expect(rows).toEqual([]);
  });

  it('a corrected address gets what the wrong one did not take', async () => {
    const policy = await world.addPolicy(project, {}, { address: 'http://127.0.0.1:1/wrong' });
    const dispatch = await start({ firstPauseMs: 60_000, longestPauseMs: 60_000 });
    await push(dispatch);
    await eventually(async () => expect((await only(policy)).history).toHaveLength(1));
    const given = await world.policies.get(project, policy, { withSecrets: true });
    const targets = [
      {
        type: 'http',
        address: target.url,
        isCertVerified: true,
        payloadFormat: '',
        authHeader: '',
        signingSecret: null,
      },
    ];
    await world.policies.update('ann', project, policy, { ...given, targets });
    await world.database.rows('UPDATE webhook_queue SET due_at = now() RETURNING delivery_id');
    dispatch.dispatcher.wake();
    expect(await ended(policy)).toMatchObject({ status: 'Success', attempts: 2 });
  });
});

describe('several dispatchers', () => {
  it('make every delivery once', async () => {
    const policies = await Promise.all(Array.from({ length: 5 }, () => policyTo()));
    const [one, other] = [await start(), await start()];
    const tags = Array.from({ length: 60 }, (_, index) => `v${index}`);
    await Promise.all(tags.map((tag, index) => push(index % 2 === 0 ? one : other, tag)));
    await eventually(async () => {
      const open = await world.database.rows('SELECT 1 FROM webhook_queue');
      expect(open).toEqual([]);
    });
    const seen = target.received.map(({ headers }) => headers['x-breakwater-delivery']);
    expect(seen).toHaveLength(tags.length * policies.length);
    expect(new Set(seen).size).toBe(seen.length);
  });

  it('take over what one left behind, and let it not go on for ever', async () => {
    const policy = await policyTo();
    await push(await world.dispatch());
    // As a process leaves it that is killed between its claim and its record.
    const lose = () =>
      world.database.rows(
        `UPDATE webhook_queue SET attempt = attempt + 1, is_claimed = true, due_at = now() RETURNING delivery_id`,
      );
    await lose();
    const dispatch = await start();
    expect(await ended(policy)).toMatchObject({ status: 'Success', attempts: 2, history: [{ attempt: 2 }] });
    await dispatch.dispatcher.stop();

    const poisoned = await policyTo();
    await push(await world.dispatch());
    await world.database.rows(
      'DELETE FROM webhook_queue WHERE delivery_id IN (SELECT id FROM webhook_delivery WHERE policy_id = $1) RETURNING 1',
      [policy],
    );
    for (let round = 0; round < 3; round++) await lose();
    await start();
    expect(await ended(poisoned)).toMatchObject({
      status: 'Error',
      attempts: 3,
      statusMessage: 'given up after 3 attempts; the last was cut short',
    });
  });

  it('let what is under way end when they are told to stop', async () => {
    const held: (() => void)[] = [];
    target.answer = (_, response) => void held.push(() => response.end());
    const policy = await policyTo();
    const dispatch = await start();
    await push(dispatch);
    await eventually(() => expect(held).toHaveLength(1));
    const stopped = dispatch.dispatcher.stop();
    held.forEach((release) => release());
    await stopped;
    expect(await only(policy)).toMatchObject({ status: 'Success', attempts: 1 });
  });

  it('hand back what does not end in time when they are told to stop', async () => {
    target.answer = hanging;
    const policy = await policyTo();
    const dispatch = await start({ graceMs: 100 });
    await push(dispatch);
    await eventually(() => expect(target.received).toHaveLength(1));
    await dispatch.dispatcher.stop();
    expect(await only(policy)).toMatchObject({ status: 'Pending', statusMessage: 'cut short: the dispatcher stopped' });
    target.answer = (_, response) => void response.end();
    await start();
    expect(await ended(policy)).toMatchObject({ status: 'Success', attempts: 2 });
  });
});

describe('fairness', () => {
  it('lets targets that hang hold up nobody', async () => {
    const dead = await TestTarget.start();
    dead.answer = hanging;
    await Promise.all(Array.from({ length: 12 }, () => policyTo({ address: dead.url })));
    const idle = await world.dispatch();
    // Much more than all the room there is, and all of it is older than what comes to the others.
    for (let index = 0; index < 5; index++) await push(idle, `old${index}`);
    // Nothing of theirs ever ends here: whatever is sent besides is sent beside them.
    const dispatch = await start({ maxTotal: 8, timeoutMs: 60_000, graceMs: 0 });
    // Then all the room is theirs; some more begin as soon as these are suspects.
    await eventually(() => expect(dead.received.length).toBeGreaterThanOrEqual(8));
    const other = await world.addProject(`healthy-${count}`);
    const healthy = await world.addPolicy(other, {}, { address: target.url });
    for (let index = 0; index < 40; index++) await push(dispatch, `v${index}`, other);
    await eventually(() => expect(target.received).toHaveLength(40));
    await eventually(async () => {
      const statuses = (await world.history(other, healthy)).map(({ status }) => status);
      expect(new Set(statuses)).toEqual(new Set(['Success']));
    });
    await dispatch.dispatcher.stop();
    await world.database.rows('DELETE FROM webhook_queue RETURNING 1');
    await dead.stop();
  });
});
