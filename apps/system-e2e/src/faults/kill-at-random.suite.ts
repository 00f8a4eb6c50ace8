import { eventually } from '@breakwater/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { Balancer } from './cluster/balancer.js';
import { Cluster } from './cluster/cluster.js';
import type { StorageUnderTest } from './cluster/storage-under-test.js';
import { faultsConfig } from './faults.config.js';
import { Chaos } from './load/chaos.js';
import { Load } from './load/load.js';
import { crashed, expectAuditIsWell } from './proof/all-is-well.js';
import { faultsOfEverything, faultsOfLedger, faultsOfStorage } from './proof/claims.js';
import { untilQuiet } from './proof/quiescence.js';
import { readToldEvents, untoldChanges } from './proof/told-events.js';
import { WholePuller } from './proof/whole.js';
import { Random } from './random.js';

export interface KillAtRandomOptions {
  readonly storageName: string;
  readonly storage: (directory: string) => StorageUnderTest | Promise<StorageUnderTest>;
  readonly seconds: number;
  readonly maxLayerBytes: number;
}

/** A run that had less of it would prove little: it goes on until there was so much. */
const FEWEST = { kills: 8, pushes: 15, clientPushes: 2 };
const LONGEST_SECONDS = 1_200;

/**
 * Processes are killed at random under load; then all that users were told must be true: every acknowledged push is
 * complete, no manifest has lost a blob, no object is without an owner (docs/architecture.md, "When something breaks").
 */
export function describeKillAtRandom(options: KillAtRandomOptions): void {
  const seed = faultsConfig.seed();
  const seconds = faultsConfig.seconds(options.seconds);

  describe(`processes killed at random over ${options.storageName} (seed ${seed})`, () => {
    const random = new Random(seed);
    let cluster: Cluster;
    let load: Load;
    let chaos: Chaos;
    let puller: WholePuller;

    beforeAll(
      async () => {
        cluster = await Cluster.start({ registries: 2, jobservices: 2, storage: options.storage });
        const balancer = await Balancer.before(cluster.ports, random.fork());
        const project = await cluster.api.project();
        load = new Load(cluster, project, random.fork(), {
          rawUsers: 4,
          clientUsers: 2,
          registry: balancer.address,
          maxLayerBytes: options.maxLayerBytes,
        });
        chaos = new Chaos(cluster.apps, random.fork());
        puller = new WholePuller(load.wire, cluster.ports, random.fork());
        await suffer();
        balancer.close();
      },
      (LONGEST_SECONDS + 600) * 1000,
    );

    afterAll(async () => {
      load?.wire.close();
      await cluster?.stop();
    });

    async function suffer(): Promise<void> {
      const end = new AbortController();
      const using = load.run(end.signal);
      const killing = chaos.run(end.signal);
      const began = Date.now();
      const isEnough = (): boolean =>
        chaos.total >= FEWEST.kills &&
        load.pushes >= FEWEST.pushes &&
        (!load.hasPrograms || load.clientPushes >= FEWEST.clientPushes);
      const elapsed = (): number => (Date.now() - began) / 1000;
      while (elapsed() < seconds || (!isEnough() && elapsed() < LONGEST_SECONDS)) await delay(100);
      end.abort();
      await Promise.all([using, killing]);
      const kills = [...chaos.kills].map(([name, count]) => `${name} ${count}`).join(', ');
      const { asked, unanswered } = load.wire;
      console.info(
        `seed ${seed}: ${load.pushes} pushes (${load.clientPushes} by programs), ` +
          `${asked} requests of which ${unanswered} had no answer, killed: ${kills}`,
      );
    }

    it('had work to lose and lost processes', () => {
      expect(load.pushes).toBeGreaterThanOrEqual(FEWEST.pushes);
      expect(chaos.total).toBeGreaterThanOrEqual(FEWEST.kills);
      if (load.hasPrograms) expect(load.clientPushes).toBeGreaterThanOrEqual(FEWEST.clientPushes);
    });

    it('never contradicted itself, failed from within, or fell silent meanwhile', () => {
      expect(load.findings.all).toEqual([]);
      expect(load.wire.silences).toBe(0);
      expect(crashed(cluster)).toEqual([]);
    });

    it('comes to rest: nothing waits for ever', async () => {
      await untilQuiet(cluster);
    });

    it('has every acknowledged push whole, and nothing that was deleted', async () => {
      const faults = [];
      for (const ledger of load.ledgers)
        faults.push(...(await faultsOfLedger(ledger, { puller, wire: load.wire, ports: cluster.ports })));
      expect(faults).toEqual([]);
    });

    it('has every artifact whole, whoever pushed it', async () => {
      expect(await faultsOfEverything(cluster, puller)).toEqual([]);
    });

    it('passes the audit, every byte hashed again', async () => {
      await expectAuditIsWell(cluster);
    });

    it('keeps nothing on the disk but blobs', async () => {
      expect(await faultsOfStorage(cluster)).toEqual([]);
    });

    it('told every acknowledged change, in order', async () => {
      // The proofs before this one have pulled, which is told after a while.
      await eventually(async () =>
        expect(
          await cluster.rows('SELECT subject FROM outbox_event WHERE subject LIKE $1', ['events.catalog.%']),
        ).toEqual([]),
      );
      const events = await readToldEvents(cluster.nats.url);
      expect(load.ledgers.flatMap((ledger) => untoldChanges(ledger, events))).toEqual([]);
    });
  });
}
