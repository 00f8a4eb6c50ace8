import { SILENT } from '@breakwater/observability';
import { eventually } from '@breakwater/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { InvalidCronError } from '../jobs.errors.js';
import { createJobsWorld, type JobsWorld } from '../testing/jobs-world.js';
import { Scheduler } from './scheduler.js';
import type { NewSchedule, Schedule } from './schedule.js';

let world: JobsWorld;
beforeAll(async () => {
  world = await createJobsWorld();
});
afterEach(() => world.reset());
afterAll(() => world.close());

const scheduler = (): Scheduler =>
  new Scheduler({ database: world.database, service: world.service, queues: world.queues, logger: SILENT });
/** Far from now, or its next time could come during a test. */
const HOUR = (new Date().getUTCHours() + 12) % 24;
const DAILY: NewSchedule = {
  vendorType: 'RETENTION',
  vendorId: 5,
  cronType: 'Daily',
  cron: `0 0 ${HOUR} * * *`,
  parameters: { dry_run: false },
};
const put = (schedule: Partial<NewSchedule> = {}): Promise<Schedule> =>
  world.database.unitOfWork.run((tx) => world.schedules.put(tx, { ...DAILY, ...schedule }));
/** As if its last three times had passed while nobody ran. */
const miss = (vendorId = 5): Promise<unknown> =>
  world.database.rows(
    `UPDATE schedule SET next_fire_at = now() - interval '3 days' WHERE vendor_id = $1 RETURNING id`,
    [vendorId],
  );
const executions = async (vendorId = 5) => {
  const scope = { vendorType: 'RETENTION', vendorId } as const;
  return (await world.reader.listExecutions(scope, { limit: 100, offset: 0 })).items;
};

describe('a schedule', () => {
  it('is one per object, with its next time', async () => {
    await put({ cron: '0 0 12 * * *' });
    const changed = await put({ cronType: 'Custom', cron: '0 15 3 1 1 ?' });
    expect(await world.schedules.find('RETENTION', 5)).toEqual(changed);
    expect(changed.nextFireAt?.toISOString()).toMatch(/-01-01T03:15:00.000Z$/);
    expect((await world.schedules.list({ limit: 10, offset: 0 })).total).toBe(1);
    await world.database.unitOfWork.run((tx) => world.schedules.remove(tx, 'RETENTION', [5, 6]));
    expect(await world.schedules.find('RETENTION', 5)).toBeNull();
  });

  it('is refused when its expression is, and then nothing changes', async () => {
    await put();
    await expect(put({ cron: '30 0 0 * * *' })).rejects.toThrow(InvalidCronError);
    expect(await world.schedules.find('RETENTION', 5)).toMatchObject({ cron: DAILY.cron });
  });

  it('that the system sets stays as an operator has changed it', async () => {
    await put({ cron: '0 0 5 * * *' });
    await world.database.unitOfWork.run((tx) => world.schedules.putMissing(tx, DAILY));
    expect(await world.schedules.find('RETENTION', 5)).toMatchObject({ cron: '0 0 5 * * *' });
  });
});

describe('schedulers', () => {
  it('fire once together, and once for all the times that were missed', async () => {
    await put();
    await miss();
    const fired = await Promise.all(Array.from({ length: 6 }, () => scheduler().fireDue()));
    expect(fired.reduce((sum, count) => sum + count, 0)).toBe(1);
    const [execution, ...more] = await executions();
    expect(more).toEqual([]);
    expect(execution).toMatchObject({ trigger: 'SCHEDULE', counts: { pending: 1 } });
    const { items } = await world.reader.listTasks(execution?.id ?? 0, { limit: 10, offset: 0 });
    expect(items).toMatchObject([{ type: 'RETENTION', parameters: { dry_run: false } }]);
    const schedule = await world.schedules.find('RETENTION', 5);
    expect(schedule?.lastFiredAt).not.toBeNull();
    expect(schedule?.nextFireAt?.getTime()).toBeGreaterThan(Date.now());
  });

  it('fire by themselves when the time has come, what was put in later too', async () => {
    const two = [scheduler(), scheduler()];
    for (const each of two) each.start();
    await put();
    await miss();
    for (const each of two) each.wake();
    await eventually(async () => expect(await executions()).toHaveLength(1));
    await Promise.all(two.map((each) => each.stop()));
    expect(await executions()).toHaveLength(1);
  });

  it('hold everything back while they are paused, and make up for it once', async () => {
    await put();
    await miss();
    await world.queues.pause('ann', 'SCHEDULER');
    expect(await scheduler().fireDue()).toBe(0);
    await world.queues.resume('ann', 'SCHEDULER');
    expect(await scheduler().fireDue()).toBe(1);
    expect(await executions()).toHaveLength(1);
  });

  it('do what a feature wants instead, and leave out a time at which it cannot', async () => {
    await put({ vendorType: 'RETENTION', vendorId: 1 });
    await put({ vendorType: 'RETENTION', vendorId: 2 });
    await miss(1);
    await miss(2);
    const own = scheduler();
    own.onDue('RETENTION', async (tx, { vendorId }) => {
      const tasks = [{ type: 'RETENTION', parameters: {} }] as const;
      await world.service.submit(tx, { vendorType: 'RETENTION', vendorId, trigger: 'SCHEDULE', tasks });
      if (vendorId === 1) throw new Error('the policy is broken');
    });
    expect(await own.fireDue()).toBe(2);
    expect(await executions(1)).toEqual([]);
    expect(await executions(2)).toHaveLength(1);
    const broken = await world.schedules.find('RETENTION', 1);
    expect(broken?.nextFireAt?.getTime()).toBeGreaterThan(Date.now());
  });
});
