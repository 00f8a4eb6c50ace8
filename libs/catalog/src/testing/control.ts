import { Outbox } from '@breakwater/database';
import {
  type CatalogControl,
  type CatalogControlDependencies,
  createCatalogControl,
} from '../create-catalog-control.js';
import type { CatalogWorld } from './catalog-world.js';

type Tables = Pick<CatalogWorld, 'database' | 'store'>;

/** The control plane over a world's database and storage. @param notices  names of projects that it tells of. */
export function controlOf(world: Tables, notices: string[] = []): CatalogControl {
  return createCatalogControl(controlDependencies(world, notices));
}

export function controlDependencies({ database, store }: Tables, notices: string[] = []): CatalogControlDependencies {
  return {
    database,
    store,
    outbox: new Outbox(),
    notifier: { projectsChanged: (names) => void notices.push(...names) },
    options: { blobLeaseSeconds: 3_600, trashSeconds: 86_400 },
  };
}

/** Everything in one answer. */
export const ALL = { limit: 1_000, offset: 0 } as const;
