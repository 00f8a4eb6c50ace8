import { eventually } from '@breakwater/testing';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { describeWithTools } from '../system/tools.js';
import { Cluster } from './cluster/cluster.js';
import { faultsConfig } from './faults.config.js';
import type { AcknowledgedChange } from './load/ledger.js';
import { Load } from './load/load.js';
import { expectAllIsWell } from './proof/all-is-well.js';
import { readToldEvents } from './proof/told-events.js';
import { Random } from './random.js';

const FEWEST_PUSHES = 30;
const seed = faultsConfig.seed();

describeWithTools(['nats-server'], `NATS gone for a whole session (seed ${seed})`, () => {
  let cluster: Cluster;
  let load: Load;

  beforeAll(async () => {
    cluster = await Cluster.start({ registries: 2 });
    const project = await cluster.api.project();
    const shape = { rawUsers: 4, clientUsers: 0, registry: '', maxLayerBytes: 200_000 };
    load = new Load(cluster, project, new Random(seed), shape);
  }, 270_000);

  afterAll(async () => {
    load?.wire.close();
    await cluster?.stop();
  });

  it('lets pushes, pulls and the API go on, and keeps what is to be told', async () => {
    await cluster.nats.stop('SIGKILL');
    const end = new AbortController();
    const using = load.run(end.signal);
    await eventually(() => expect(load.pushes).toBeGreaterThan(FEWEST_PUSHES), 120_000);
    const user = await cluster.api.user();
    expect(await cluster.api.call('GET', '/users/current', { as: user })).toMatchObject({ status: 200 });
    // Whoever would tell the events dies as well: they are nowhere but in PostgreSQL.
    await Promise.all(cluster.jobservices.map((app) => app.kill()));
    end.abort();
    await using;
    expect(load.findings.all).toEqual([]);
    for (const { port } of cluster.registries) {
      const ready = await fetch(`http://127.0.0.1:${port}/healthz/ready`);
      expect(ready.status).toBe(200);
    }
    const [waiting] = await cluster.rows<{ count: number }>(
      `SELECT count(*)::int AS count FROM outbox_event WHERE subject = 'events.catalog.artifact-pushed.v1'`,
    );
    expect(waiting?.count).toBe(load.pushes);
  }, 540_000);

  it('tells everything once it is back: each change once, in order', async () => {
    await Promise.all(cluster.jobservices.map((app) => app.start()));
    await cluster.nats.start();
    await eventually(async () => expect(await cluster.rows('SELECT subject FROM outbox_event')).toEqual([]), 180_000);
    const events = await readToldEvents(cluster.nats.url);
    expect(new Set(events.map(({ id }) => id)).size).toBe(events.length);
    for (const { name, changes } of load.ledgers)
      for (const kinds of [['artifact-pushed', 'tag-deleted'], ['artifact-deleted']] as const) {
        const told = events.filter(({ key, kind }) => key === name && (kinds as readonly string[]).includes(kind));
        const known = changes.filter(({ kind }) => (kinds as readonly string[]).includes(kind));
        // Children that go with their index are told of as well.
        if (kinds[0] === 'artifact-deleted')
          expect(told.map(textOf)).toEqual(expect.arrayContaining(known.map(textOf)));
        else expect(told.map(textOf)).toEqual(known.map(textOf));
      }
  }, 270_000);

  it('has lost nothing', async () => {
    await expectAllIsWell(cluster, load.wire, load.ledgers);
  }, 360_000);
});

function textOf({ kind, what }: Pick<AcknowledgedChange, 'what'> & { readonly kind: string }): string {
  return `${kind} ${what}`;
}
