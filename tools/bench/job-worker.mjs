// A process that runs tasks for tools/bench/jobs.mjs, as jobservice does: node job-worker.mjs <postgres> <nats> <kind>.
// `empty`: nothing but success; `hook`: a row in bench_effect with it, by those who are told of the end, many at once;
// `finish`: the same by the handler, in a transaction of its own for each task.
import {
  connectBus,
  connectDatabase,
  createJobs,
  jobNotifier,
  Outbox,
  OutboxRelay,
  outboxWaker,
} from './job-services.mjs';
import { Scheduler, SILENT, wakeByMessages, Worker } from './job-services.mjs';

const [postgresUrl, natsUrl, kind] = process.argv.slice(2);
const database = await connectDatabase(postgresUrl);
const bus = await connectBus(natsUrl);
const outbox = new Outbox(outboxWaker(bus));
const jobs = createJobs({ database, outbox, notifier: jobNotifier(bus), onFailure: console.error });
const { hooks, tally, service, queues } = jobs;
// As jobservice by default, except that the dead are found soon.
const worker = new Worker({ database, hooks, tally, logger: SILENT, concurrency: 50, leaseSeconds: 3 });
const scheduler = new Scheduler({ database, service, queues, logger: SILENT });
if (kind === 'hook')
  hooks.onTasksEnded('REPLICATION', async (tx, tasks) => {
    const ids = tasks.map(({ id }) => id);
    await tx.execute('INSERT INTO bench_effect (task_id) SELECT unnest($1::bigint[])', [ids]);
  });
worker.register('REPLICATION', {
  run: async (task) => {
    if (kind === 'finish')
      await task.finish((tx) => tx.execute('INSERT INTO bench_effect (task_id) VALUES ($1)', [task.id]));
  },
});
const relay = new OutboxRelay({ database, bus, logger: SILENT });
relay.start();
worker.start();
wakeByMessages(bus, { worker, scheduler });
process.stdout.write('ready\n');
