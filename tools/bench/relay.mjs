// node tools/bench/relay.mjs: events a second from the outbox to JetStream, over many keys and over one.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectBus, connectDatabase, OutboxRelay, seconds, SILENT, startServices, until } from './job-services.mjs';

const CASES = [
  { events: 20_000, keys: 10_000 },
  { events: 20_000, keys: 1_000 },
  { events: 20_000, keys: 100 },
  { events: 3_000, keys: 1 },
];
const ROUNDS = 3;

const directory = mkdtempSync(join(process.env.BREAKWATER_BENCH_DIR ?? tmpdir(), 'breakwater-bench-relay-'));
const services = await startServices(directory);
const database = await connectDatabase(services.postgresUrl);
const bus = await connectBus(services.natsUrl);
try {
  await database.migrate();
  await bus.manager();
  for (const { events, keys } of CASES) {
    const rates = [];
    for (let round = 0; round < ROUNDS; round++) rates.push(await relayed(events, keys));
    const median = rates.sort((a, b) => a - b)[Math.floor(ROUNDS / 2)];
    console.log(
      `relay · ${keys} keys · ${median.toFixed(0)} events/s (${rates.map((rate) => rate.toFixed(0)).join(', ')})`,
    );
  }
} finally {
  await bus.close();
  await database.close();
  await services.stop();
  rmSync(directory, { recursive: true, force: true });
}

/** Like pushes: some fields, about 300 bytes. */
async function relayed(events, keys) {
  await database.rows(
    `INSERT INTO outbox_event (message_id, subject, key, payload)
     SELECT gen_random_uuid(), 'events.catalog.artifact-pushed.v1', 'team/app' || (n % $2::int),
            jsonb_build_object('projectId', 1, 'repository', 'team/app' || (n % $2::int), 'digest',
              'sha256:' || repeat('a', 64), 'manifestMediaType', 'application/vnd.oci.image.manifest.v1+json',
              'tags', jsonb_build_array('v' || n), 'subjectDigest', null, 'by', 'carla', 'at', now())
       FROM generate_series(1, $1::int) AS n`,
    [events, keys],
  );
  const relay = new OutboxRelay({ database, bus, logger: SILENT });
  const elapsed = await seconds(async () => {
    relay.start();
    await until(async () => (await database.rows('SELECT 1 FROM outbox_event LIMIT 1')).length === 0);
  });
  await relay.stop();
  return events / elapsed;
}
