// node tools/bench/jobs.mjs: 10,000 tasks, queued and run by one and by two processes; with an effect in the
// transaction of each; and the same while one process after another is killed. Counts effects, asserts no timing.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectDatabase, createJobs, Outbox, seconds, startServices, until } from './job-services.mjs';

const TASKS = 10_000;
const directory = mkdtempSync(join(process.env.BREAKWATER_BENCH_DIR ?? tmpdir(), 'breakwater-bench-jobs-'));
const services = await startServices(directory);
const database = await connectDatabase(services.postgresUrl, 4);
const jobs = createJobs({ database, outbox: new Outbox(), onFailure: console.error });
const workers = new Set();
try {
  await database.migrate();
  await database.rows('CREATE TABLE bench_effect (task_id bigint NOT NULL)');
  await measure('empty tasks, 1 process', { kind: 'empty', processes: 1 });
  await measure('empty tasks, 2 processes', { kind: 'empty', processes: 2 });
  await measure('an effect with each end, 2 processes', { kind: 'hook', processes: 2 });
  await measure('the same, one killed each second', { kind: 'hook', processes: 2, kills: true });
  await measure('a transaction for each effect, 2 processes', { kind: 'finish', processes: 2 });
  await measure('the same, one killed each second', { kind: 'finish', processes: 2, kills: true });
} finally {
  for (const worker of workers) worker.kill('SIGKILL');
  await database.close();
  await services.stop();
  rmSync(directory, { recursive: true, force: true });
}

async function measure(name, { kind, processes, kills = false }) {
  await Promise.all(Array.from({ length: processes }, () => aWorker(kind)));
  const tasks = Array.from({ length: TASKS }, (_, number) => ({ type: 'REPLICATION', parameters: { number } }));
  let executionId;
  const submitting = await seconds(async () => {
    const execution = { vendorType: 'REPLICATION', vendorId: 1, trigger: 'MANUAL', tasks };
    ({ executionId } = await database.unitOfWork.run((tx) => jobs.service.submit(tx, execution)));
  });
  let killed = 0;
  const killer = kills ? setInterval(() => void replaceOne(kind).then(() => killed++), 1_000) : null;
  const running = await seconds(() =>
    until(async () => (await jobs.reader.getExecution(executionId)).endedAt !== null),
  );
  clearInterval(killer);
  const { counts } = await jobs.reader.getExecution(executionId);
  const [effects] = await database.rows(
    `SELECT count(*)::int AS total, count(DISTINCT task_id)::int AS tasks FROM bench_effect
       JOIN task ON task.id = task_id WHERE execution_id = $1`,
    [executionId],
  );
  const rate = (TASKS / running).toFixed(0);
  const done = kind !== 'empty' ? `, ${effects.total} effects of ${effects.tasks} tasks` : '';
  console.log(
    `jobs · ${name} · ${rate} tasks/s (submitted in ${submitting.toFixed(2)} s, run in ${running.toFixed(2)} s, ` +
      `${counts.success} succeeded${done}${kills ? `, ${killed} killed` : ''})`,
  );
  for (const worker of workers) worker.kill('SIGKILL');
  workers.clear();
}

async function aWorker(kind) {
  const program = join(import.meta.dirname, 'job-worker.mjs');
  const child = spawn(process.execPath, [program, services.postgresUrl, services.natsUrl, kind], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  workers.add(child);
  await once(child.stdout, 'data');
}

/** Kills one at random; another takes its place. */
async function replaceOne(kind) {
  const victim = [...workers][Math.floor(Math.random() * workers.size)];
  workers.delete(victim);
  victim.kill('SIGKILL');
  await aWorker(kind);
}
