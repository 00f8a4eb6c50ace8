import type { Database } from '@breakwater/database';
import type { BlobStore } from '@breakwater/storage';
import { LostBlobs } from '../blobs/lost-blobs.js';
import { AuditRepository } from './audit.repository.js';
import { Audit } from './audit.service.js';
import { CollectionRepository } from './collection.repository.js';
import { Collector, type CollectorOptions } from './collector.service.js';
import { TrashRepository } from './trash.repository.js';

const DEFAULTS = { batchSize: 200, deleteConcurrency: 8, maxRounds: 50 } as const satisfies Partial<CollectorOptions>;

/** `graceSeconds`: a round or two of the collector. */
export function createCollector(
  database: Database,
  store: BlobStore,
  options: Pick<CollectorOptions, 'graceSeconds'> & Partial<CollectorOptions>,
): Collector {
  const [collection, trash] = [new CollectionRepository(database), new TrashRepository(database)];
  return new Collector(collection, trash, store, { ...DEFAULTS, ...options });
}

export function createAudit(database: Database, store: BlobStore): Audit {
  return new Audit(new AuditRepository(database), store, new LostBlobs(database, store));
}
