import { eventually } from '@breakwater/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { aTask, createJobsWorld, type JobsWorld } from '../testing/jobs-world.js';
import { ExecutionSweep, SWEEP_SCHEDULE } from './execution-sweep.js';
import { VendorObjects } from './vendor-objects.js';

let world: JobsWorld;
beforeAll(async () => {
  world = await createJobsWorld();
});
afterEach(() => world.reset());
afterAll(() => world.close());

const remaining = async (vendorType: 'IMAGE_SCAN' | 'RETENTION', vendorId: number): Promise<number[]> => {
  const { items } = await world.reader.listExecutions({ vendorType, vendorId }, { limit: 100, offset: 0 });
  return items.map(({ id }) => id).sort((a, b) => a - b);
};

/** Ended ones, the oldest first. */
async function ended(vendorType: 'IMAGE_SCAN' | 'RETENTION', vendorId: number, count: number): Promise<number[]> {
  const ids: number[] = [];
  for (let number = 0; number < count; number++)
    ids.push((await world.submit({ vendorType, vendorId, tasks: [] })).executionId);
  return ids;
}

/** What it says that it has done. */
async function swept(objects = new VendorObjects()): Promise<string> {
  const sweep = new ExecutionSweep(world.database, objects);
  world.worker({ EXECUTION_SWEEP: (task) => sweep.run(task) });
  const { vendorType, vendorId } = SWEEP_SCHEDULE;
  const { taskIds } = await world.submit({ vendorType, vendorId, tasks: [aTask({ type: 'EXECUTION_SWEEP' })] });
  return eventually(async () => {
    const { status, statusMessage } = await world.reader.getTask(taskIds[0] as number);
    expect(status).toBe('Success');
    return statusMessage;
  });
}

describe('the sweep', () => {
  it('keeps what its type says of each object, the newest, and everything that runs', async () => {
    const scans = await ended('IMAGE_SCAN', 1, 3);
    const other = await ended('IMAGE_SCAN', 2, 1);
    const retentions = await ended('RETENTION', 1, 52);
    await world.queues.pause('ann', 'IMAGE_SCAN');
    const waiting = await world.submit({ vendorType: 'IMAGE_SCAN', tasks: [aTask({ type: 'IMAGE_SCAN' })] });
    expect(await swept()).toBe('4 executions and 0 schedules were removed');
    expect(await remaining('IMAGE_SCAN', 1)).toEqual([scans.at(-1), waiting.executionId]);
    expect(await remaining('IMAGE_SCAN', 2)).toEqual(other);
    expect(await remaining('RETENTION', 1)).toEqual(retentions.slice(2));
  });

  it('takes everything of objects that are gone, once it has ended, and nothing of the others', async () => {
    const objects = new VendorObjects();
    const asked: number[] = [];
    objects.register(['RETENTION'], async (_, ids) => {
      asked.push(...ids);
      return new Set(ids.filter((id) => id === 1));
    });
    await ended('RETENTION', 2, 3);
    const kept = await ended('RETENTION', 1, 1);
    const ofSystem = await ended('RETENTION', -1, 1);
    const ofOthers = await ended('IMAGE_SCAN', 2, 1);
    await world.queues.pause('ann', 'RETENTION');
    const running = await world.submit({ vendorType: 'RETENTION', vendorId: 3 });
    const daily = { vendorType: 'RETENTION', cronType: 'Daily', cron: '0 0 0 * * *' } as const;
    await world.database.unitOfWork.run(async (tx) => {
      // One of an object that was never executed.
      for (const vendorId of [1, 4]) await world.schedules.put(tx, { ...daily, vendorId });
    });
    expect(await swept(objects)).toBe('3 executions and 1 schedules were removed');
    expect(asked.toSorted()).toEqual([1, 2, 3, 4]);
    expect(await remaining('RETENTION', 2)).toEqual([]);
    expect(await remaining('RETENTION', 1)).toEqual(kept);
    expect(await remaining('RETENTION', -1)).toEqual(ofSystem);
    expect(await remaining('IMAGE_SCAN', 2)).toEqual(ofOthers);
    expect(await remaining('RETENTION', 3)).toEqual([running.executionId]);
    expect(await world.schedules.find('RETENTION', 1)).not.toBeNull();
    expect(await world.schedules.find('RETENTION', 4)).toBeNull();
    await world.service.stop(running.executionId);
    expect(await swept(objects)).toBe('1 executions and 0 schedules were removed');
    expect(await world.database.rows(`SELECT FROM task WHERE type = 'RETENTION'`)).toEqual([]);
  });

  it('goes through as many objects as there are, a page at a time', async () => {
    await world.database.rows(
      `INSERT INTO execution (vendor_type, vendor_id, trigger, status, ended_at)
       SELECT 'RETENTION', number, 'EVENT', 'Success', now() FROM generate_series(1, 1234) number RETURNING id`,
    );
    const objects = new VendorObjects();
    objects.register(['RETENTION'], async (_, ids) => new Set(ids.filter((id) => id % 2 === 0)));
    expect(await swept(objects)).toBe('617 executions and 0 schedules were removed');
  });
});
