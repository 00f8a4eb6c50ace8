import { Role } from '@breakwater/rbac';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createTestCore, type TestCore } from '../../testing/test-core.js';

let core: TestCore;
let project: { id: number; name: string };
let count = 0;

beforeAll(async () => {
  core = await createTestCore();
  for (const name of ['ann', 'mia', 'bob']) await core.addUser(name);
});
beforeEach(async () => {
  const members = { ann: Role.projectAdmin, mia: Role.maintainer, bob: Role.developer };
  project = await core.addProject(`project-${++count}`, { members });
});
afterAll(() => core.close());

const hooks = (path = ''): string => `/projects/${project.name}/webhook${path}`;
const TARGET = { type: 'http', address: 'https://ci.example.com/hook?a=b', auth_header: 'Bearer secret' };
const POLICY = { name: 'ci', enabled: true, event_types: ['PUSH_ARTIFACT', 'QUOTA_EXCEED'], targets: [TARGET] };

async function make(body: object = POLICY): Promise<string> {
  const made = await core.as('ann').post(hooks('/policies'), body);
  expect({ status: made.status, text: made.text }).toEqual({ status: 201, text: '' });
  return String(made.headers['location']).replace('/api/v2.0', '');
}

/** As the dispatcher would leave it. */
async function aDelivery(policyPath: string, status: string): Promise<number> {
  const policyId = Number(policyPath.split('/').at(-1));
  const [row] = await core.services.database.rows<{ id: number }>(
    `INSERT INTO webhook_delivery (uid, policy_id, target_id, event_key, event_id, event_type, operator, target_type,
                                   payload_format, body, status, status_message, attempts, started_at, ended_at)
     SELECT gen_random_uuid(), policy_id, id, gen_random_uuid(), 'event-1', 'PUSH_ARTIFACT', 'ci', 'http', 'Default',
            '{"type":"PUSH_ARTIFACT"}', $2, CASE $2 WHEN 'Error' THEN 'given up' ELSE '' END, 1, now(),
            CASE WHEN $2 <> 'Pending' THEN now() END
       FROM webhook_target WHERE policy_id = $1 RETURNING id::integer`,
    [policyId, status],
  );
  const id = row?.id ?? 0;
  await core.services.database.rows(
    `INSERT INTO webhook_attempt (delivery_id, attempt, started_at, duration_ms, address, request_headers,
                                  response_status, response_body, error)
     VALUES ($1, 1, '2026-09-21T10:00:01Z', 12, 'https://ci.example.com/hook', '{"authorization":"[redacted]"}',
             $2, 'answer', $3) RETURNING attempt`,
    [id, status === 'Success' ? 200 : 500, status === 'Success' ? null : 'the target answered 500'],
  );
  return id;
}

describe('webhook policies', () => {
  it('are made, read, replaced and deleted', async () => {
    const path = await make();
    const { body } = await core.as('ann').get<Record<string, unknown>>(path);
    expect(body).toMatchObject({
      ...POLICY,
      id: Number(path.split('/').at(-1)),
      project_id: project.id,
      creator: 'ann',
      targets: [{ ...TARGET, skip_cert_verify: false, payload_format: 'Default', is_signed: false }],
      creation_time: expect.stringMatching(/^\d{4}-.*\.\d{3}Z$/),
    });
    // What was read can be sent back.
    expect((await core.as('ann').put(path, { ...body, name: 'other', enabled: false })).status).toBe(200);
    expect((await core.as('ann').get(path)).body).toMatchObject({ name: 'other', enabled: false, targets: [TARGET] });
    expect((await core.as('ann').delete(path)).status).toBe(200);
    expect((await core.as('ann').get(path)).status).toBe(404);
    expect((await core.as('ann').put(path, POLICY)).status).toBe(404);
    expect((await core.as('ann').delete(path)).status).toBe(404);
  });

  it('show secrets to who may change them, and to nobody else', async () => {
    const path = await make({ ...POLICY, targets: [{ ...TARGET, signing_secret: 'shared' }] });
    for (const from of [path, hooks('/policies')]) {
      expect((await core.as('ann').get(from)).text).toContain('Bearer secret');
      const { text } = await core.as('mia').get(from);
      expect(text).toContain('"is_signed":true');
      expect(text).not.toContain('Bearer');
      expect((await core.as('ann').get(from)).text).not.toContain('shared');
    }
    const stored = await core.services.database.rows('SELECT * FROM webhook_target');
    expect(JSON.stringify(stored)).not.toMatch(/Bearer|shared/);
  });

  it('keep a signing secret that a client does not send back, and lose it when it is emptied', async () => {
    const path = await make({ ...POLICY, targets: [{ ...TARGET, signing_secret: 'shared' }] });
    const isSigned = async (): Promise<unknown> =>
      (await core.as('ann').get<{ targets: { is_signed: boolean }[] }>(path)).body.targets[0]?.is_signed;
    await core.as('ann').put(path, { ...POLICY, targets: [{ ...TARGET, address: 'https://other.example.com' }] });
    expect(await isSigned()).toBe(true);
    await core.as('ann').put(path, { ...POLICY, targets: [{ ...TARGET, signing_secret: '' }] });
    expect(await isSigned()).toBe(false);
  });

  it('are listed, the newest first, and found', async () => {
    for (const name of ['one', 'two', 'three']) await make({ ...POLICY, name });
    const names = async (query: string): Promise<unknown> =>
      (await core.as('mia').get<{ name: string }[]>(hooks(`/policies${query}`))).body.map(({ name }) => name);
    expect(await names('')).toEqual(['three', 'two', 'one']);
    expect(await names('?q=name%3D~t&sort=name')).toEqual(['three', 'two']);
    expect(await names('?page=2&page_size=2')).toEqual(['one']);
    expect((await core.as('mia').get(hooks('/policies'))).headers['x-total-count']).toBe('3');
  });

  it.each([
    [{ ...POLICY, name: '' }, 400],
    [{ ...POLICY, event_types: [] }, 400],
    [{ ...POLICY, event_types: ['PUSH'] }, 400],
    [{ ...POLICY, targets: [] }, 400],
    [{ ...POLICY, targets: [{ type: 'mail', address: 'x' }] }, 400],
    [{ ...POLICY, targets: [{ type: 'slack', address: 'https://x', payload_format: 'Default' }] }, 400],
    [{ ...POLICY, targets: [{ type: 'http', address: 'ftp://x' }] }, 400],
    [{ ...POLICY, targets: 'x' }, 422],
    [{ ...POLICY, enabled: 'yes' }, 422],
  ])('are refused: %j with %p', async (body, status) => {
    expect((await core.as('ann').post(hooks('/policies'), body)).status).toBe(status);
  });

  it('have names of their own in a project', async () => {
    const path = await make();
    expect((await core.as('ann').post(hooks('/policies'), POLICY)).status).toBe(409);
    await make({ ...POLICY, name: 'second' });
    expect((await core.as('ann').put(path, { ...POLICY, name: 'second' })).status).toBe(409);
    const other = await core.addProject(`other-${count}`, { members: { ann: Role.projectAdmin } });
    expect((await core.as('ann').post(`/projects/${other.name}/webhook/policies`, POLICY)).status).toBe(201);
  });

  it('take every event type and form that is said to be supported', async () => {
    const { body } = await core.as('mia').get<Record<'event_type' | 'notify_type', string[]>>(hooks('/events'));
    expect(body).toMatchObject({
      notify_type: ['http', 'slack', 'teams'],
      payload_formats: [{ notify_type: 'http', formats: ['Default', 'CloudEvents'] }],
    });
    expect(body.event_type).toHaveLength(10);
    const targets = body.notify_type.map((type) => ({ type, address: 'hooks.example.com/x' }));
    await make({ ...POLICY, event_types: body.event_type, targets });
  });

  it('say when they were told last', async () => {
    const path = await make();
    await core.services.database.rows(
      `INSERT INTO webhook_last_trigger VALUES ($1, 'PUSH_ARTIFACT', '2026-09-21T10:00:01Z') RETURNING policy_id`,
      [Number(path.split('/').at(-1))],
    );
    expect((await core.as('mia').get(hooks('/lasttrigger'))).body).toEqual([
      {
        policy_name: 'ci',
        event_type: 'PUSH_ARTIFACT',
        enabled: true,
        creation_time: expect.any(String),
        last_trigger_time: '2026-09-21T10:00:01.000Z',
      },
      { policy_name: 'ci', event_type: 'QUOTA_EXCEED', enabled: true, creation_time: expect.any(String) },
    ]);
  });
});

describe('deliveries', () => {
  it('are shown as executions with one task, and as jobs', async () => {
    const path = await make();
    const [good, bad] = [await aDelivery(path, 'Success'), await aDelivery(path, 'Error')];
    const { body, headers } = await core.as('mia').get<unknown[]>(`${path}/executions`);
    expect(headers['x-total-count']).toBe('2');
    expect(body).toMatchObject([
      { id: bad, status: 'Error', status_message: 'given up', metrics: { task_count: 1, error_task_count: 1 } },
      {
        id: good,
        vendor_type: 'WEBHOOK',
        vendor_id: Number(path.split('/').at(-1)),
        status: 'Success',
        trigger: 'EVENT',
        extra_attrs: { event_type: 'PUSH_ARTIFACT', payload: '{"type":"PUSH_ARTIFACT"}', operator: 'ci' },
        start_time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      },
    ]);
    expect((await core.as('mia').get(`${path}/executions?q=status%3DError`)).body).toMatchObject([{ id: bad }]);
    expect((await core.as('mia').get(`${path}/executions/${bad}/tasks`)).body).toMatchObject([
      { id: bad, execution_id: bad, status: 'Error', run_count: 1 },
    ]);
    const jobs = hooks(`/jobs?policy_id=${path.split('/').at(-1)}`);
    expect((await core.as('mia').get(jobs)).body).toMatchObject([
      { id: bad, event_type: 'PUSH_ARTIFACT', notify_type: 'http', job_detail: '{"type":"PUSH_ARTIFACT"}' },
      { id: good },
    ]);
    for (const status of ['status=Success', 'status=Success,Stopped', 'status=Success&status=Stopped'])
      expect((await core.as('mia').get(`${jobs}&${status}`)).body).toMatchObject([{ id: good }]);
    expect((await core.as('mia').get(hooks('/jobs'))).status).toBe(422);
  });

  it('tell what was tried', async () => {
    const path = await make();
    const id = await aDelivery(path, 'Error');
    expect((await core.as('mia').get(`${path}/executions/${id}/attempts`)).body).toEqual([
      {
        attempt: 1,
        start_time: '2026-09-21T10:00:01.000Z',
        duration_ms: 12,
        address: 'https://ci.example.com/hook',
        request_headers: { authorization: '[redacted]' },
        response_status: 500,
        response_body: 'answer',
        error: 'the target answered 500',
      },
    ]);
    const log = await core.as('mia').get<string>(`${path}/executions/${id}/tasks/${id}/log`);
    expect(log.headers['content-type']).toMatch(/^text\/plain/);
    expect(log.text).toMatch(
      /attempt 1: POST https:\/\/ci\.example\.com\/hook: answered 500 after 12 ms\n {4}authorization: \[redacted\]/,
    );
    expect((await core.as('mia').get(`${path}/executions/${id}/tasks/${id + 1}/log`)).status).toBe(404);
  });

  it('are sent once more, when they have ended and their policy lives', async () => {
    const path = await make();
    const id = await aDelivery(path, 'Error');
    expect((await core.as('mia').post(`${path}/executions/${id}/replay`)).status).toBe(403);
    const replayed = await core.as('ann').post(`${path}/executions/${id}/replay`);
    expect(replayed.status).toBe(201);
    const [again] = (await core.as('ann').get<{ id: number }[]>(`${path}/executions`)).body;
    expect(again).toMatchObject({ status: 'Running', extra_attrs: { replay_of: expect.any(String) } });
    expect(replayed.headers['location']).toBe(`/api/v2.0${path}/executions/${again?.id}`);
    expect((await core.as('ann').post(`${path}/executions/${again?.id}/replay`)).status).toBe(412);
    await core.as('ann').put(path, { ...POLICY, enabled: false });
    expect((await core.as('ann').post(`${path}/executions/${id}/replay`)).status).toBe(412);
  });

  it('of one policy are out of reach through another', async () => {
    const [path, other] = [await make(), await make({ ...POLICY, name: 'other' })];
    const id = await aDelivery(path, 'Success');
    for (const what of ['tasks', `tasks/${id}/log`, 'attempts'])
      expect((await core.as('ann').get(`${other}/executions/${id}/${what}`)).status).toBe(404);
    expect((await core.as('ann').post(`${other}/executions/${id}/replay`)).status).toBe(404);
  });
});
