import { Database, Outbox } from '@breakwater/database';
import { SILENT } from '@breakwater/observability';
import { createJobs } from '../create-jobs.js';
import { Worker } from '../worker/worker.js';
import { JOBS_SCHEMA } from './jobs-schema.js';

// A process of its own that runs tasks until it is killed: each leaves a row in `effect`, with its success. It says
// that it is ready, begins when it is told to by a line, and says how many tasks it has begun, so that a test can kill it
// in the middle. Asked to end, it comes to an end with what it holds.

const [url = '', kind = 'finish'] = process.argv.slice(2);
// Frozen in the middle of a transaction it must not hold its row for longer than its lease.
const options = { url, poolSize: 6, applicationName: 'killable worker', idleTransactionTimeoutMs: 1_000 };
const database = await Database.connect(options, JOBS_SCHEMA);
const jobs = createJobs({ database, outbox: new Outbox(), onFailure: (error) => console.error(error) });
const worker = new Worker({
  database,
  hooks: jobs.hooks,
  tally: jobs.tally,
  logger: SILENT,
  concurrency: 8,
  leaseSeconds: 1,
  pollMs: 20,
  reconcileMs: 100,
});
let begun = 0;
worker.register('REPLICATION', {
  async run(task) {
    process.stdout.write(`${++begun}\n`);
    await database.rows('SELECT pg_sleep($1)', [Number(task.parameters['seconds'])]);
    await task.finish(async (tx) => {
      await tx.execute('INSERT INTO effect (task_id, how) VALUES ($1, $2)', [task.id, kind]);
    });
  },
});
process.once('SIGTERM', () => {
  void worker.stop(3_600_000).then(() => process.exit());
});
process.stdin.once('data', () => worker.start());
process.stdout.write('ready\n');
