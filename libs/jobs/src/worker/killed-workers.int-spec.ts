import { eventually } from '@breakwater/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { aTask, createJobsWorld, type JobsWorld } from '../testing/jobs-world.js';

const TASKS = 200;
const KILLS = 6;

let world: JobsWorld;
const alive = new Set<ChildProcess>();

beforeAll(async () => {
  world = await createJobsWorld();
  await world.database.rows('CREATE TABLE effect (task_id bigint NOT NULL, how text NOT NULL)');
});
afterAll(async () => {
  for (const child of alive) child.kill('SIGKILL');
  await world.close();
});

/** A process that runs tasks. Resolves when it has begun its first. */
async function aWorker(): Promise<ChildProcess> {
  const hooks = new URL('../../../testing/src/jest/typescript-hooks.mjs', import.meta.url).href;
  const program = fileURLToPath(new URL('../testing/killable-worker.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', hooks, program, world.test.url], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  alive.add(child);
  child.once('exit', () => alive.delete(child));
  const failed = once(child, 'exit').then(() => Promise.reject(new Error('it ended by itself')));
  await Promise.race([once(child.stdout, 'data'), failed]);
  failed.catch(() => undefined);
  return child;
}

describe('workers that are killed', () => {
  it('have done each task once, whenever they die', async () => {
    const { executionId, taskIds } = await world.submit({
      tasks: Array.from({ length: TASKS }, (_, index) =>
        aTask({ type: 'REPLICATION', parameters: { seconds: (index % 10) / 20 } }),
      ),
    });
    // Each is killed while its first tasks sleep, commit or are being claimed, and another one takes its place.
    for (let kill = 0; kill < KILLS; kill++) {
      const child = await aWorker();
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    // One that is only slow: it stands still for longer than its lease, and finds its tasks gone when it goes on.
    const [frozen] = [await aWorker(), await aWorker()];
    frozen.kill('SIGSTOP');
    await eventually(async () => {
      const { counts } = await world.reader.getExecution(executionId);
      expect(counts.success + counts.error).toBe(TASKS);
    });
    frozen.kill('SIGCONT');
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
