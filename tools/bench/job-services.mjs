// What the benches of jobs and events need: PostgreSQL and NATS of their own, in a folder, as npm start has them (every
// commit is on the disk before it is acknowledged), with the tables of events and jobs.
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');
const built = (lib) => import(join(root, `libs/${lib}/dist/index.js`));

export const { CreateOutbox1764000000000, Database, Outbox } = await built('database');
export const { MessageBus, OutboxRelay, outboxWaker } = await built('messaging');
export const { createJobs, jobNotifier, jobsSchema, Scheduler, wakeByMessages, Worker } = await built('jobs');
export const { SILENT } = await built('observability');
const { startEmbeddedPostgres } = await built('embedded-postgres');
const { findNatsServer, startNatsServer } = await built('nats-server');

const schema = { entities: [], migrations: [CreateOutbox1764000000000, ...jobsSchema.migrations] };

export async function startServices(directory) {
  const postgres = await startEmbeddedPostgres({ dataDirectory: join(directory, 'postgres'), port: 0 });
  const program = await findNatsServer(`${process.env.PATH}:${join(root, '.tools/bin')}`);
  const nats = await startNatsServer({ program, dataDirectory: join(directory, 'nats'), port: 0 });
  return {
    postgresUrl: postgres.url,
    natsUrl: nats.url,
    async stop() {
      await nats.stop('SIGKILL');
      await postgres.stop('immediate');
    },
  };
}

export function connectDatabase(url, poolSize = 20) {
  return Database.connect({ url, poolSize, applicationName: 'bench' }, schema);
}

export async function connectBus(url) {
  const bus = MessageBus.connect({ url, name: 'bench', logger: SILENT });
  while (!bus.isConnected) await new Promise((done) => setTimeout(done, 20));
  return bus;
}

export async function seconds(work) {
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1000;
}

export async function until(isTrue, pauseMs = 20) {
  while (!(await isTrue())) await new Promise((done) => setTimeout(done, pauseMs));
}
