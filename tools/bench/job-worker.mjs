// A process that runs tasks for tools/bench/jobs.mjs, as jobservice does: node job-worker.mjs <postgres> <nats> <kind>.
// `empty`: nothing but success; `effect`: a row in bench_effect together with it. Whoever runs empty tasks relays too.
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
const jobs = createJobs({ database, outbox: new Outbox(outboxWaker(bus)), notifier: jobNotifier(bus) });
const { hooks, tally, service, queues } = jobs;
// As jobservice by default, except that the dead are found soon.
const worker = new Worker({ database, hooks, tally, logger: SILENT, concurrency: 50, leaseSeconds: 3 });
const scheduler = new Scheduler({ database, service, queues, logger: SILENT });
worker.register('REPLICATION', {
  run: async (task) => {
    if (kind === 'effect')
      await task.finish((tx) => tx.execute('INSERT INTO bench_effect (task_id) VALUES ($1)', [task.id]));
  },
});
const relay = new OutboxRelay({ database, bus, logger: SILENT });
relay.start();
worker.start();
wakeByMessages(bus, { worker, scheduler });
process.stdout.write('ready\n');
