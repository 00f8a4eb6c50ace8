import { Worker, type JobHandler, type RunningTask } from '@breakwater/jobs';
import { SILENT } from '@breakwater/observability';
import { eventually } from '@breakwater/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestCore, type TestCore } from '../../testing/test-core.js';

let core: TestCore;
const workers: Worker[] = [];
beforeAll(async () => {
  core = await createTestCore();
});
afterEach(async () => {
  await Promise.all(workers.splice(0).map((worker) => worker.stop(0)));
  await core.services.database.rows('TRUNCATE execution, job_queue, schedule CASCADE');
});
afterAll(() => core.close());

/** As jobservice has them. */
function aWorker(run: JobHandler['run']): Worker {
  const { database, jobs } = core.services;
  const { hooks, tally } = jobs;
  const worker = new Worker({ database, hooks, tally, logger: SILENT, concurrency: 2, pollMs: 20, watchMs: 20 });
  worker.register('RETENTION', { run });
  workers.push(worker);
  worker.start();
  return worker;
}

const submit = (count = 1): Promise<readonly number[]> =>
  core.services.database.unitOfWork.run(async (tx) => {
    const tasks = Array.from({ length: count }, () => ({ type: 'RETENTION', parameters: {} }) as const);
    const execution = { vendorType: 'RETENTION', vendorId: 1, trigger: 'MANUAL', tasks } as const;
    return (await core.services.jobs.service.submit(tx, execution)).taskIds;
  });

const untilStopped = async (task: RunningTask): Promise<void> => {
  task.log('at it');
  task.progress(1, 4);
  await new Promise((_, reject) =>
    task.signal.addEventListener('abort', () => reject(task.signal.reason as Error), { once: true }),
  );
};

describe('the dashboard of jobs', () => {
  it('shows pools, their workers and what they are at, and stops one', async () => {
    const { poolId } = aWorker(untilStopped);
    const [taskId = 0] = await submit();
    const workersOf = async (pool: string) => (await core.admin.get(`/jobservice/pools/${pool}/workers`)).body;
    await eventually(async () =>
      expect(await workersOf(poolId)).toEqual([
        {
          id: expect.any(String),
          pool_id: poolId,
          job_name: 'RETENTION',
          job_id: String(taskId),
          start_at: expect.stringMatching(/Z$/),
          check_in: '1/4',
          checkin_at: expect.stringMatching(/Z$/),
        },
        { id: expect.any(String), pool_id: poolId },
      ]),
    );
    expect(await workersOf('all')).toHaveLength(2);
    expect(await workersOf('nonesuch')).toEqual([]);
    expect((await core.admin.get('/jobservice/pools')).body).toMatchObject([
      { worker_pool_id: poolId, concurrency: 2, pid: process.pid, host: expect.any(String) },
    ]);
    expect((await core.admin.put(`/jobservice/jobs/${taskId}`)).status).toBe(200);
    await eventually(async () => {
      const log = await core.admin.get(`/jobservice/jobs/${taskId}/log`);
      expect(log.headers['content-type']).toMatch(/^text\/plain/);
      expect(log.body).toMatch(/^\S+ at it\n\S+ stopped\n$/);
    });
    expect((await core.services.jobs.reader.getTask(taskId)).status).toBe('Stopped');
  });

  it('stops everything that runs, and nothing that waits', async () => {
    aWorker(untilStopped);
    const taskIds = await submit(3);
    const states = () => Promise.all(taskIds.map(async (id) => (await core.services.jobs.reader.getTask(id)).status));
    await eventually(async () => expect(await states()).toEqual(['Running', 'Running', 'Pending']));
    await core.admin.put('/jobservice/queues/retention', { action: 'pause' });
    await core.admin.put('/jobservice/jobs/all');
    await eventually(async () => expect(await states()).toEqual(['Stopped', 'Stopped', 'Pending']));
  });

  it('holds a queue back, tells of it, and lets it go on', async () => {
    const queue = async (type: string) => {
      const { body } = await core.admin.get('/jobservice/queues');
      return (body as { job_type: string }[]).find(({ job_type }) => job_type === type);
    };
    expect(await queue('RETENTION')).toEqual({ job_type: 'RETENTION', paused: false });
    expect((await core.admin.put('/jobservice/queues/retention', { action: 'pause' })).status).toBe(200);
    await submit(2);
    expect(await queue('RETENTION')).toMatchObject({ count: 2, paused: true });
    expect(await queue('IMAGE_SCAN')).toMatchObject({ paused: false });
    await core.admin.put('/jobservice/queues/all', { action: 'resume' });
    expect(await queue('RETENTION')).toMatchObject({ count: 2, paused: false });
    await core.admin.put('/jobservice/queues/RETENTION', { action: 'stop' });
    expect(await queue('RETENTION')).toEqual({ job_type: 'RETENTION', paused: false });
  });

  it('takes what is not known for nothing to do, except for a log', async () => {
    for (const id of ['4711', '0', 'all-of-them', '99999999999999999999'])
      expect((await core.admin.put(`/jobservice/jobs/${id}`)).status).toBe(200);
    expect((await core.admin.put('/jobservice/queues/nonesuch', { action: 'stop' })).status).toBe(200);
    expect((await core.admin.put('/jobservice/queues/all', { action: 'faster' })).status).toBe(422);
    expect((await core.admin.put('/jobservice/queues/all', {})).status).toBe(422);
    for (const id of ['4711', 'nonesuch'])
      expect((await core.admin.get(`/jobservice/jobs/${id}/log`)).status).toBe(404);
  });
});

describe('schedules', () => {
  it('are listed with their pages, and are paused together', async () => {
    const { database, jobs } = core.services;
    for (const vendorId of [1, 2])
      await database.unitOfWork.run((tx) =>
        jobs.schedules.put(tx, { vendorType: 'RETENTION', vendorId, cronType: 'Daily', cron: '0 0 0 * * *' }),
      );
    const page = await core.admin.get('/schedules?page=2&page_size=1');
    expect(page.headers['x-total-count']).toBe('2');
    expect(page.body).toEqual([
      {
        id: expect.any(Number),
        vendor_type: 'RETENTION',
        vendor_id: 2,
        cron: '0 0 0 * * *',
        update_time: expect.stringMatching(/Z$/),
      },
    ]);
    expect((await core.admin.get('/schedules/all/paused')).body).toEqual({ paused: false });
    await core.admin.put('/jobservice/queues/SCHEDULER', { action: 'pause' });
    expect((await core.admin.get('/schedules/all/paused')).body).toEqual({ paused: true });
    expect((await core.admin.get('/schedules/RETENTION/paused')).status).toBe(400);
  });
});
