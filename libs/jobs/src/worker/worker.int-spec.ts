import { AppError } from '@breakwater/errors';
import { SILENT } from '@breakwater/observability';
import { eventually } from '@breakwater/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { TaskStatus } from '../executions/execution.js';
import { LeaseLostError, TaskPostponedError, TaskStoppedError } from '../jobs.errors.js';
import type { EndedTask } from '../tasks/task.js';
import { aTask, createJobsWorld, Gate, type JobsWorld } from '../testing/jobs-world.js';
import type { RunningTask } from './job-handler.js';

let world: JobsWorld;
beforeAll(async () => {
  world = await createJobsWorld();
  await world.database.rows('CREATE TABLE effect (task_id bigint NOT NULL)');
});
afterEach(() => world.reset());
afterAll(() => world.close());

class Hopeless extends AppError {
  readonly code = 'HOPELESS';
  readonly kind = 'invalid';
}

class Weak extends AppError {
  readonly code = 'WEAK';
  readonly kind = 'unavailable';
}

const statusOf = async (taskId: number): Promise<TaskStatus> => (await world.reader.getTask(taskId)).status;
const untilStatus = (taskId: number, status: TaskStatus) =>
  eventually(async () => expect(await statusOf(taskId)).toBe(status));
const only = async (taskIds: Promise<{ readonly taskIds: readonly number[] }>): Promise<number> =>
  (await taskIds).taskIds[0] as number;

/** Effects that committed. */
const effectsOf = async (taskId: number): Promise<number> =>
  (await world.database.rows('SELECT 1 FROM effect WHERE task_id = $1', [taskId])).length;
const addEffect =
  (task: RunningTask): Parameters<RunningTask['finish']>[0] =>
  async (tx) => {
    await tx.execute('INSERT INTO effect VALUES ($1)', [task.id]);
  };

describe('a worker', () => {
  it('runs what was submitted, and ends the execution with it', async () => {
    const seen: RunningTask[] = [];
    world.worker({
      RETENTION: async (task) => {
        seen.push(task);
        task.log('first line');
        task.log('second\nline');
        return { statusMessage: 'all kept' };
      },
    });
    const { executionId, taskIds } = await world.submit({
      extraAttributes: { dry_run: true },
      tasks: [aTask({ parameters: { n: 1 } }), aTask({ parameters: { n: 2 } })],
    });
    const execution = await eventually(async () => {
      const found = await world.reader.getExecution(executionId);
      expect(found.endedAt).not.toBeNull();
      return found;
    });
    expect(execution).toMatchObject({ status: 'Success', counts: { success: 2, running: 0, pending: 0 } });
    expect(seen.map(({ parameters }) => parameters)).toEqual([{ n: 1 }, { n: 2 }]);
    expect(seen[0]).toMatchObject({
      executionId,
      executionExtraAttributes: { dry_run: true },
      attempt: 1,
      isLastAttempt: true,
    });
    const task = await world.reader.getTask(taskIds[0] as number);
    expect(task).toMatchObject({ status: 'Success', statusMessage: 'all kept', runCount: 1 });
    expect(await world.reader.findLog(task.id)).toMatch(/^\S+Z first line\n\S+Z second\n {2}line\n$/);
  });

  it('tries again what has failed, with pauses, as often as its type allows', async () => {
    const attempts: [number, boolean][] = [];
    world.worker({
      REPLICATION: async (task) => {
        attempts.push([task.attempt, task.isLastAttempt]);
        throw new Weak('the other side is away');
      },
    });
    const taskId = await only(world.submit({ vendorType: 'REPLICATION', tasks: [aTask({ type: 'REPLICATION' })] }));
    for (const failures of [1, 2]) {
      await eventually(async () =>
        expect(await world.reader.getTask(taskId)).toMatchObject({ status: 'Scheduled', runCount: failures }),
      );
      await world.makeDue(taskId);
    }
    await untilStatus(taskId, 'Error');
    expect(attempts).toEqual([
      [1, false],
      [2, false],
      [3, true],
    ]);
    const task = await world.reader.getTask(taskId);
    expect(task).toMatchObject({ statusMessage: 'the other side is away', runCount: 3 });
    expect(await world.reader.getExecution(task.executionId)).toMatchObject({ counts: { error: 1, scheduled: 0 } });
    const log = await world.reader.findLog(taskId);
    expect(log?.match(/failed, and is tried again in \d+ s: the other side is away/g)).toHaveLength(2);
    expect(log).toMatch(/Z failed: the other side is away\n$/);
  });

  it('puts off what cannot be done now, which is no failure, until the patience of its type is over', async () => {
    const attempts: number[] = [];
    let isAway = true;
    world.worker({
      IMAGE_SCAN: async (task) => {
        attempts.push(task.attempt);
        if (isAway) throw new TaskPostponedError('the scanner is away', 3_000);
      },
    });
    const ofScan = (): Promise<number> => only(world.submit({ tasks: [aTask({ type: 'IMAGE_SCAN' })] }));
    const [patient, late] = [await ofScan(), await ofScan()];
    for (const taskId of [patient, late]) await untilStatus(taskId, 'Scheduled');
    expect(await world.reader.getTask(patient)).toMatchObject({ statusMessage: 'the scanner is away', runCount: 1 });
    expect(await world.reader.findLog(patient)).toMatch(/put off, and tried again in 3\d{3} s: the scanner is away\n$/);
    await world.database.rows(`UPDATE task SET created_at = now() - interval '25 h' WHERE id = $1 RETURNING id`, [
      late,
    ]);
    await world.makeDue(late);
    await untilStatus(late, 'Error');
    expect((await world.reader.getTask(late)).statusMessage).toBe('given up: the scanner is away');
    isAway = false;
    await world.makeDue(patient);
    await untilStatus(patient, 'Success');
    expect(attempts).toEqual([1, 1, 1, 1]);
    const { executionId } = await world.reader.getTask(patient);
    expect((await world.reader.getExecution(executionId)).counts).toMatchObject({ scheduled: 0, success: 1 });
  });

  it('gives up at once what trying again will not help, and shows nobody what it did not foresee', async () => {
    world.worker({
      REPLICATION: async (task) => {
        if (task.parameters['isHopeless'] === true) throw new Hopeless('no such registry');
        throw new Error('password is hunter2');
      },
    });
    const { taskIds } = await world.submit({
      tasks: [true, false].map((isHopeless) => aTask({ type: 'REPLICATION', parameters: { isHopeless } })),
    });
    const [hopeless = 0, odd = 0] = taskIds;
    await untilStatus(hopeless, 'Error');
    await untilStatus(odd, 'Scheduled');
    expect((await world.reader.getTask(hopeless)).statusMessage).toBe('no such registry');
    expect((await world.reader.getTask(odd)).statusMessage).not.toContain('hunter2');
  });

  it('runs no more of a type at once than all replicas together may', async () => {
    const gates = [new Gate(), new Gate()];
    const workers = gates.map((gate) => world.worker({ GARBAGE_COLLECTION: gate.run }));
    const { executionId } = await world.submit({
      tasks: Array.from({ length: 3 }, () => aTask({ type: 'GARBAGE_COLLECTION' })),
    });
    const begun = (): number => gates.reduce((sum, gate) => sum + gate.begun.length, 0);
    await eventually(() => expect(begun()).toBe(1));
    for (const worker of workers) for (let times = 0; times < 5; times++) worker.wake();
    await eventually(async () =>
      expect((await world.reader.getExecution(executionId)).counts).toMatchObject({ running: 1, pending: 2 }),
    );
    for (const gate of gates) gate.release();
    await eventually(async () => expect((await world.reader.getExecution(executionId)).status).toBe('Success'));
    expect(begun()).toBe(3);
  });

  it('leaves slots to other types when one floods it', async () => {
    const gate = new Gate();
    world.worker({ RETENTION: gate.run, REPLICATION: gate.run }, { concurrency: 8 });
    const flood = await world.submit({ tasks: Array.from({ length: 20 }, () => aTask()) });
    await eventually(() => expect(gate.begun).toHaveLength(7));
    await world.submit({ tasks: [aTask({ type: 'REPLICATION' })] });
    await eventually(() => expect(gate.begun.at(-1)?.type).toBe('REPLICATION'));
    gate.release();
    await eventually(async () => expect((await world.reader.getExecution(flood.executionId)).status).toBe('Success'));
  });

  it('begins usual tasks before those in bulk', async () => {
    await world.submit({ tasks: [aTask({ priority: 'bulk', parameters: { n: 'bulk' } })] });
    await world.submit({ tasks: [aTask({ parameters: { n: 'usual' } })] });
    const order: unknown[] = [];
    world.worker({ RETENTION: async ({ parameters }) => void order.push(parameters['n']) });
    await eventually(() => expect(order).toEqual(['usual', 'bulk']));
  });

  it('begins nothing of a paused queue until it goes on', async () => {
    await world.queues.pause('ann', 'RETENTION');
    const gate = new Gate();
    gate.release();
    world.worker({ RETENTION: gate.run, REPLICATION: gate.run });
    const paused = await only(world.submit());
    const other = await only(world.submit({ tasks: [aTask({ type: 'REPLICATION' })] }));
    await untilStatus(other, 'Success');
    expect(await statusOf(paused)).toBe('Pending');
    await world.queues.resume('ann', 'RETENTION');
    await untilStatus(paused, 'Success');
  });

  it('tells how far a task is', async () => {
    const gate = new Gate();
    const worker = world.worker({
      RETENTION: async (task) => {
        task.progress(3, 12);
        await gate.run(task);
      },
    });
    const taskId = await only(world.submit());
    await eventually(async () =>
      expect((await world.reader.getTask(taskId)).progress).toMatchObject({ done: 3, total: 12 }),
    );
    const workers = await eventually(async () => {
      const found = await world.pools.workers(worker.poolId);
      expect(found).toHaveLength(8);
      return found;
    });
    expect(workers[0]).toMatchObject({ task: { id: taskId, type: 'RETENTION', progress: { done: 3 } } });
    gate.release();
    await untilStatus(taskId, 'Success');
    await worker.stop(0);
    expect(await world.pools.workers(worker.poolId)).toEqual([]);
  });
});

describe('the log of a task', () => {
  it('has no gap where it could not be written for a moment', async () => {
    const gate = new Gate();
    const warnings: string[] = [];
    const logger = { ...SILENT, warn: (message: string) => void warnings.push(message) };
    const handler = async (task: RunningTask): Promise<void> => {
      task.log('one');
      await gate.run(task);
      task.log('two');
    };
    await world.database.rows('ALTER TABLE task_log RENAME TO task_log_away');
    world.worker({ RETENTION: handler }, { logger });
    const taskId = await only(world.submit());
    await eventually(() => expect(warnings).toContain('watching running tasks failed; trying on'));
    await world.database.rows('ALTER TABLE task_log_away RENAME TO task_log');
    gate.release();
    await untilStatus(taskId, 'Success');
    expect(await world.reader.findLog(taskId)).toMatch(/^\S+Z one\n\S+Z two\n$/);
  });
});

describe('the effect of a task', () => {
  it('happens with its success or not at all', async () => {
    let isFailing = true;
    world.worker({
      REPLICATION: async (task) => {
        await task.finish(async (tx) => {
          await addEffect(task)(tx);
          if (isFailing) throw new Weak('in the middle of it');
        });
      },
    });
    const taskId = await only(world.submit({ tasks: [aTask({ type: 'REPLICATION' })] }));
    await untilStatus(taskId, 'Scheduled');
    expect(await effectsOf(taskId)).toBe(0);
    isFailing = false;
    await world.makeDue(taskId);
    await untilStatus(taskId, 'Success');
    expect(await effectsOf(taskId)).toBe(1);
  });

  it('is not that of a worker that lost its lease', async () => {
    const gate = new Gate();
    let outcome: Promise<unknown> = Promise.resolve();
    world.worker(
      {
        RETENTION: async (task) => {
          // What was lost may come back to the same worker.
          if (gate.begun.length > 0) return task.finish(addEffect(task));
          // Deaf: it does not hear that it is told to end.
          await gate.run(task).catch(() => undefined);
          outcome = task.finish(addEffect(task));
          await outcome;
        },
      },
      { concurrency: 1 },
    );
    const taskId = await only(world.submit());
    await eventually(() => expect(gate.begun).toHaveLength(1));
    world.worker({ RETENTION: (task) => task.finish(addEffect(task)) });
    await world.loseLease(taskId);
    await untilStatus(taskId, 'Success');
    gate.release();
    await eventually(async () => expect(await outcome.catch((error: unknown) => error)).toBeInstanceOf(LeaseLostError));
    expect(await effectsOf(taskId)).toBe(1);
    expect(await world.reader.getTask(taskId)).toMatchObject({ status: 'Success', runCount: 2 });
  });

  it('goes on from what an earlier run has remembered', async () => {
    world.worker({
      REPLICATION: async (task) => {
        const { scanId } = task.extraAttributes;
        if (scanId !== undefined) return { statusMessage: JSON.stringify(scanId) };
        await task.remember({ scanId: 'abc' });
        throw new Weak('not ready');
      },
    });
    const taskId = await only(
      world.submit({ tasks: [aTask({ type: 'REPLICATION', extraAttributes: { artifact: 7 } })] }),
    );
    await untilStatus(taskId, 'Scheduled');
    await world.makeDue(taskId);
    await untilStatus(taskId, 'Success');
    expect(await world.reader.getTask(taskId)).toMatchObject({
      statusMessage: '"abc"',
      extraAttributes: { artifact: 7, scanId: 'abc' },
    });
  });
});

describe('stopping', () => {
  it('ends at once what waits and tells what runs, in whatever process it runs', async () => {
    const gate = new Gate();
    world.worker({ RETENTION: gate.run }, { concurrency: 1 });
    const { executionId, taskIds } = await world.submit({ tasks: [aTask(), aTask(), aTask()] });
    await eventually(() => expect(gate.begun).toHaveLength(1));
    await world.service.stop(executionId);
    const states = await Promise.all(taskIds.map(statusOf));
    expect(states.filter((status) => status === 'Stopped').length).toBeGreaterThanOrEqual(2);
    await eventually(async () => expect((await world.reader.getExecution(executionId)).status).toBe('Stopped'));
    expect(gate.begun[0]?.signal.reason).toBeInstanceOf(TaskStoppedError);
    expect((await world.reader.getExecution(executionId)).counts).toMatchObject({ stopped: 3 });
  });

  it('is not taken for success where a handler returns early', async () => {
    const gate = new Gate();
    world.worker({ RETENTION: async (task) => void (await gate.run(task).catch(() => undefined)) });
    const taskId = await only(world.submit());
    await eventually(() => expect(gate.begun).toHaveLength(1));
    await world.service.stopTask(taskId);
    await untilStatus(taskId, 'Stopped');
  });

  it('wins over another try', async () => {
    const gate = new Gate();
    world.worker({
      REPLICATION: async (task) => {
        await gate.run(task).catch(() => undefined);
        throw new Weak('no');
      },
    });
    const taskId = await only(world.submit({ tasks: [aTask({ type: 'REPLICATION' })] }));
    await eventually(() => expect(gate.begun).toHaveLength(1));
    await world.service.stopTask(taskId);
    await untilStatus(taskId, 'Stopped');
  });
});

describe('a task whose worker is lost', () => {
  it('is begun again, and given up when each of its workers is lost', async () => {
    const gate = new Gate();
    const deaf = async (task: RunningTask): Promise<void> => void (await gate.run(task).catch(() => undefined));
    world.worker({ RETENTION: deaf }, { leaseSeconds: 600 });
    const taskId = await only(world.submit());
    for (let losses = 0; losses < 5; losses++) {
      await eventually(async () => {
        await world.makeDue(taskId);
        expect((await world.reader.getTask(taskId)).runCount).toBe(losses + 1);
      });
      await world.loseLease(taskId);
    }
    await untilStatus(taskId, 'Error');
    expect((await world.reader.getTask(taskId)).statusMessage).toBe('its worker was lost 5 times');
    gate.release();
  });

  it('waits for another one when the process ends in order, and has not failed', async () => {
    const gate = new Gate();
    const worker = world.worker({ RETENTION: gate.run });
    const taskId = await only(world.submit());
    await eventually(() => expect(gate.begun).toHaveLength(1));
    await worker.stop(0);
    expect(await world.reader.getTask(taskId)).toMatchObject({ status: 'Pending', statusMessage: '' });
    world.worker({ RETENTION: async () => undefined });
    await untilStatus(taskId, 'Success');
  });
});

describe('who is told of the end of tasks', () => {
  it('is told in the transaction that ends them, however they end, of those that end for good', async () => {
    const told: Pick<EndedTask, 'id' | 'status'>[] = [];
    world.hooks.onTasksEnded('P2P_PREHEAT', async (tx, tasks) => {
      for (const { id, status } of tasks) {
        const [row] = await tx.rows<{ status: string }>('SELECT status FROM task WHERE id = $1', [id]);
        expect(row?.status).toBe(status);
        told.push({ id, status });
      }
    });
    const executions: string[] = [];
    world.hooks.onExecutionEnded('P2P_PREHEAT', async (_, { status }) => void executions.push(status));
    world.worker({
      P2P_PREHEAT: async (task) => {
        if (task.parameters['how'] === 'finish') await task.finish(async () => undefined);
        if (task.parameters['how'] === 'fail') throw new Hopeless('no');
      },
    });
    await world.queues.pause('ann', 'P2P_PREHEAT');
    const { taskIds } = await world.submit({
      vendorType: 'P2P_PREHEAT',
      tasks: ['return', 'finish', 'fail', 'stop'].map((how) => aTask({ type: 'P2P_PREHEAT', parameters: { how } })),
    });
    await world.service.stopTask(taskIds[3] as number);
    await world.queues.resume('ann', 'P2P_PREHEAT');
    await eventually(() => expect(executions).toEqual(['Error']));
    const byId = told.sort((a, b) => a.id - b.id).map(({ status }) => status);
    expect(byId).toEqual(['Success', 'Success', 'Error', 'Stopped']);
  });
});
