import { Outbox } from '@breakwater/database';
import { type CatalogControl, createCatalogControl } from '../create-catalog-control.js';
import type { CatalogWorld } from './catalog-world.js';

/** The control plane over a world's database and storage. @param notices  names of projects that it tells of. */
export function controlOf(world: Pick<CatalogWorld, 'database' | 'store'>, notices: string[] = []): CatalogControl {
  return createCatalogControl({
    database: world.database,
    store: world.store,
    outbox: new Outbox(),
    notifier: { projectsChanged: (names) => void notices.push(...names) },
    options: { blobLeaseSeconds: 3_600, trashSeconds: 86_400 },
  });
}

/** Everything in one answer. */
export const ALL = { limit: 1_000, offset: 0 } as const;
