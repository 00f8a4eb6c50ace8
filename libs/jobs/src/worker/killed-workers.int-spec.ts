import { eventually } from '@breakwater/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { aTask, createJobsWorld, type JobsWorld } from '../testing/jobs-world.js';

const TASKS = 200;
const KILLS = 6;

let world: JobsWorld;
const alive = new Set<KillableWorker>();

beforeAll(async () => {
  world = await createJobsWorld();
  await world.database.rows('CREATE TABLE effect (task_id bigint NOT NULL, how text NOT NULL)');
});
afterAll(async () => {
  for (const child of alive) child.kill('SIGKILL');
  await world.close();
});

/** A process that is ready to run tasks. */
async function aWorker(): Promise<KillableWorker> {
  const hooks = new URL('../../../testing/src/jest/typescript-hooks.mjs', import.meta.url).href;
  const program = fileURLToPath(new URL('../testing/killable-worker.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', hooks, program, world.test.url], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  alive.add(child);
  child.once('exit', () => alive.delete(child));
  await itSays(child);
  return child;
}

/** Resolves when it has begun its first task. */
async function begin(worker: KillableWorker): Promise<void> {
  const begun = itSays(worker);
  worker.stdin.write('begin\n');
  await begun;
}

async function itSays({ stdout }: KillableWorker): Promise<void> {
  const ended = once(stdout, 'end').then(() => Promise.reject(new Error('it ended by itself')));
  await Promise.race([once(stdout, 'data'), ended]);
  ended.catch(() => undefined);
}

type KillableWorker = ChildProcessByStdio<Writable, Readable, null>;

describe('workers that are killed', () => {
  it('have done each task once, whenever they die', async () => {
    const { executionId, taskIds } = await world.submit({
      tasks: Array.from({ length: TASKS }, (_, index) =>
        aTask({ type: 'REPLICATION', parameters: { seconds: (index % 10) / 20 } }),
      ),
    });
    // All of them now: while one starts, which takes its time, others would do all that there is to do.
    const [slow, last, ...doomed] = await Promise.all(Array.from({ length: KILLS + 2 }, aWorker));
    if (slow === undefined || last === undefined) throw new Error('there are too few');
    // Each is killed while its first tasks sleep, commit or are being claimed, and another one takes its place.
    for (const worker of doomed) {
      await begin(worker);
      worker.kill('SIGKILL');
      await once(worker, 'exit');
    }
    // One that is only slow: it stands still for longer than its lease, and finds its tasks gone when it goes on.
    await begin(slow);
    slow.kill('SIGSTOP');
    await begin(last);
    await eventually(async () => {
      const { counts } = await world.reader.getExecution(executionId);
      expect(counts.success + counts.error).toBe(TASKS);
    });
    slow.kill('SIGCONT');
    slow.kill('SIGTERM');
    expect(await once(slow, 'exit')).toEqual([0, null]);
    await eventually(async () => expect((await world.reader.getExecution(executionId)).endedAt).not.toBeNull());
    const effects = await world.database.rows<{ task_id: string; count: number }>(
      'SELECT task_id, count(*)::integer AS count FROM effect GROUP BY task_id ORDER BY task_id',
    );
    expect(effects).toEqual(taskIds.map((id) => ({ task_id: String(id), count: 1 })));
    const execution = await world.reader.getExecution(executionId);
    expect(execution).toMatchObject({
      status: 'Success',
      counts: { success: TASKS, pending: 0, running: 0, error: 0 },
    });
    const [rerun] = await world.database.rows<{ count: number }>(
      'SELECT count(*)::integer AS count FROM task WHERE run_count > 1',
    );
    expect(rerun?.count).toBeGreaterThan(0);
  });
});
