import { eventually } from '@breakwater/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { ExecutionEndedError, ExecutionNotFoundError, TaskNotFoundError } from '../jobs.errors.js';
import { executionFields } from '../lists/fields.js';
import { aTask, createJobsWorld, Gate, type JobsWorld } from '../testing/jobs-world.js';

let world: JobsWorld;
beforeAll(async () => {
  world = await createJobsWorld();
});
afterEach(() => world.reset());
afterAll(() => world.close());

const inTransaction: JobsWorld['database']['unitOfWork']['run'] = (work) => world.database.unitOfWork.run(work);
const untilEnded = (executionId: number) =>
  eventually(async () => {
    const execution = await world.reader.getExecution(executionId);
    expect(execution.endedAt).not.toBeNull();
    return execution;
  });

describe('submitting', () => {
  it('is part of the transaction, wake-ups included: one per type', async () => {
    const tasks = [aTask(), aTask(), aTask({ type: 'REPLICATION' })];
    const { executionId, taskIds } = await world.submit({ tasks });
    await expect(
      inTransaction(async (tx) => {
        await world.service.submit(tx, { vendorType: 'RETENTION', vendorId: 9, trigger: 'EVENT', tasks });
        throw new Error('changed my mind');
      }),
    ).rejects.toThrow('changed my mind');
    expect(await world.database.rows('SELECT subject, payload FROM outbox_event ORDER BY id')).toEqual([
      { subject: 'jobs.RETENTION', payload: { type: 'RETENTION', taskId: taskIds[0], count: 2 } },
      { subject: 'jobs.REPLICATION', payload: { type: 'REPLICATION', taskId: taskIds[2], count: 1 } },
    ]);
    expect((await world.reader.listTasks(executionId, { limit: 10, offset: 0 })).items.map(({ id }) => id)).toEqual(
      taskIds,
    );
    expect(await world.reader.findLatestExecution({ vendorType: 'RETENTION', vendorId: 9 })).toBeNull();
  });

  it('of nothing is done at once', async () => {
    const { executionId } = await world.submit({ tasks: [] });
    expect(await world.reader.getExecution(executionId)).toMatchObject({
      status: 'Success',
      endedAt: expect.any(Date),
    });
  });

  it('adds to an execution from one of its own tasks, and ends it after the last', async () => {
    const gate = new Gate();
    world.worker({
      SCAN_ALL: async (task) => {
        for (const page of [1, 2])
          await inTransaction((tx) =>
            world.service.addTasks(tx, task.executionId, [
              aTask({ parameters: { page } }),
              aTask({ parameters: { page } }),
            ]),
          );
      },
      RETENTION: gate.run,
    });
    const { executionId } = await world.submit({ vendorType: 'SCAN_ALL', tasks: [aTask({ type: 'SCAN_ALL' })] });
    await eventually(() => expect(gate.begun).toHaveLength(4));
    await eventually(async () =>
      expect(await world.reader.countTasks(executionId, 'SCAN_ALL')).toMatchObject({ success: 1 }),
    );
    expect(await world.reader.getExecution(executionId)).toMatchObject({ status: 'Running', endedAt: null });
    gate.release();
    expect(await untilEnded(executionId)).toMatchObject({ status: 'Success', counts: { success: 5, pending: 0 } });
    await expect(inTransaction((tx) => world.service.addTasks(tx, executionId, [aTask()]))).rejects.toThrow(
      ExecutionEndedError,
    );
  });

  it('shows results with the execution', async () => {
    const { executionId } = await world.submit({ extraAttributes: { by: 'carla' } });
    await inTransaction((tx) => world.service.annotate(tx, executionId, { found: 3 }));
    expect((await world.reader.getExecution(executionId)).extraAttributes).toEqual({ by: 'carla', found: 3 });
    await expect(inTransaction((tx) => world.service.annotate(tx, 4711, {}))).rejects.toThrow(ExecutionNotFoundError);
  });
});

describe('stopping', () => {
  it('ends thousands that wait, and tells whoever wants to know of each', async () => {
    const told: number[] = [];
    world.hooks.onTasksEnded('SCAN_DATA_EXPORT', async (_, tasks) => void told.push(...tasks.map(({ id }) => id)));
    const tasks = Array.from({ length: 1_234 }, () => aTask({ type: 'SCAN_DATA_EXPORT' }));
    const { executionId, taskIds } = await world.submit({ tasks });
    await world.service.stop(executionId);
    expect(await world.reader.getExecution(executionId)).toMatchObject({
      status: 'Stopped',
      endedAt: expect.any(Date),
      counts: { stopped: 1_234, pending: 0 },
    });
    expect(told).toEqual(taskIds);
    await world.service.stop(executionId); // again is nothing
    await expect(inTransaction((tx) => world.service.addTasks(tx, executionId, [aTask()]))).rejects.toThrow();
  });

  it('of what is not there is told', async () => {
    await expect(world.service.stop(4711)).rejects.toThrow(ExecutionNotFoundError);
    await expect(world.service.stopTask(4711)).rejects.toThrow(TaskNotFoundError);
  });

  it('ends an execution whose object goes, whatever runs of it', async () => {
    const gate = new Gate();
    world.worker({ RETENTION: gate.run });
    const { executionId } = await world.submit({ vendorId: 77 });
    await eventually(() => expect(gate.begun).toHaveLength(1));
    await inTransaction((tx) => world.service.removeOf(tx, 'RETENTION', [77]));
    await eventually(() => expect(gate.begun[0]?.signal.aborted).toBe(true));
    expect(await world.reader.findExecution(executionId)).toBeNull();
    await world.tally.settleAll();
    expect(await world.database.rows('SELECT id FROM execution_change')).toEqual([]);
  });
});

describe('a list of executions', () => {
  it('is of one object, the newest first, filtered by what clients may ask for, with exact counts', async () => {
    await world.queues.pause('ann', 'RETENTION');
    const first = await world.submit({ vendorId: 5 });
    const second = await world.submit({ vendorId: 5, trigger: 'EVENT' });
    await world.submit({ vendorId: 6 });
    await world.service.stop(first.executionId);
    const scope = { vendorType: 'RETENTION', vendorId: 5 } as const;
    const all = await world.reader.listExecutions(scope, { limit: 1, offset: 0 });
    expect(all).toMatchObject({ total: 2, items: [{ id: second.executionId, counts: { pending: 1 } }] });
    const where = { sql: `${executionFields.status.column} = $1`, params: ['Stopped'] };
    const stopped = await world.reader.listExecutions(scope, { where, limit: 10, offset: 0 });
    expect(stopped).toMatchObject({ total: 1, items: [{ id: first.executionId, counts: { stopped: 1 } }] });
  });
});
