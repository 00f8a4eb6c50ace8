import type { Database } from '@breakwater/database';
import type { BlobStore } from '@breakwater/storage';
import { AuditRepository } from './audit.repository.js';
import { Audit } from './audit.service.js';
import { CollectionRepository } from './collection.repository.js';
import { Collector } from './collector.service.js';

const BATCH_SIZE = 200;
const DELETE_CONCURRENCY = 8;

/** @param graceSeconds  how long a condemned blob can be revived; a round or two of the collector. */
export function createCollector(database: Database, store: BlobStore, graceSeconds: number): Collector {
  return new Collector(new CollectionRepository(database), store, {
    graceSeconds,
    batchSize: BATCH_SIZE,
    deleteConcurrency: DELETE_CONCURRENCY,
  });
}

export function createAudit(database: Database, store: BlobStore): Audit {
  return new Audit(new AuditRepository(database), store);
}
