import { eventually } from '@breakwater/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { aTask, createJobsWorld, type JobsWorld } from '../testing/jobs-world.js';
import { ExecutionSweep, SWEEP_SCHEDULE } from './execution-sweep.js';

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

describe('the sweep', () => {
  it('keeps what its type says of each object, the newest, and everything that runs', async () => {
    const scans = await ended('IMAGE_SCAN', 1, 3);
    const other = await ended('IMAGE_SCAN', 2, 1);
    const retentions = await ended('RETENTION', 1, 52);
    await world.queues.pause('ann', 'IMAGE_SCAN');
    const waiting = await world.submit({ vendorType: 'IMAGE_SCAN', tasks: [aTask({ type: 'IMAGE_SCAN' })] });
    const sweep = new ExecutionSweep(world.database);
    world.worker({ EXECUTION_SWEEP: (task) => sweep.run(task) });
    const { vendorType, vendorId } = SWEEP_SCHEDULE;
    const { taskIds } = await world.submit({ vendorType, vendorId, tasks: [aTask({ type: 'EXECUTION_SWEEP' })] });
    const task = await eventually(async () => {
      const found = await world.reader.getTask(taskIds[0] as number);
      expect(found.status).toBe('Success');
      return found;
    });
    expect(task.statusMessage).toBe('4 executions were removed');
    expect(await remaining('IMAGE_SCAN', 1)).toEqual([scans.at(-1), waiting.executionId]);
    expect(await remaining('IMAGE_SCAN', 2)).toEqual(other);
    expect(await remaining('RETENTION', 1)).toEqual(retentions.slice(2));
  });
});
