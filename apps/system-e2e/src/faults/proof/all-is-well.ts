import { expect } from '@jest/globals';
import type { Cluster } from '../cluster/cluster.js';
import type { RepositoryLedger } from '../load/ledger.js';
import type { Wire } from '../load/wire.js';
import { Random } from '../random.js';
import { faultsOfEverything, faultsOfLedger, faultsOfStorage } from './claims.js';
import { untilQuiet } from './quiescence.js';
import { WholePuller } from './whole.js';

/** Everything that must be true of a cluster that has suffered, whatever it was. */
export async function expectAllIsWell(
  cluster: Cluster,
  wire: Wire,
  ledgers: readonly RepositoryLedger[] = [],
): Promise<void> {
  await untilQuiet(cluster);
  const { ports } = cluster;
  const puller = new WholePuller(wire, ports, new Random(1));
  for (const ledger of ledgers) expect(await faultsOfLedger(ledger, { puller, wire, ports })).toEqual([]);
  expect(await faultsOfEverything(cluster, puller)).toEqual([]);
  await expectAuditIsWell(cluster);
  expect(await faultsOfStorage(cluster)).toEqual([]);
  expect(crashed(cluster)).toEqual([]);
}

export async function expectAuditIsWell(cluster: Cluster): Promise<void> {
  const { isWell, missing, corrupt, unowned, bookkeeping } = await cluster.audit();
  expect({ missing, corrupt, unowned }).toEqual({ missing: NONE, corrupt: NONE, unowned: NONE });
  expect(Object.entries(bookkeeping).filter(([, count]) => count > 0)).toEqual([]);
  expect(isWell).toBe(true);
}

/** Processes that ended although nobody asked them to. */
export function crashed(cluster: Cluster): string[] {
  return cluster.apps.filter(({ crashes }) => crashes > 0).map(({ name }) => name);
}

const NONE = { count: 0, examples: [] };
