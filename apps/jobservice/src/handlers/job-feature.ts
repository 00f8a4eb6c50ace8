import type { Database, Outbox } from '@breakwater/database';
import type { Jobs, Scheduler, Worker } from '@breakwater/jobs';
import type { MessageBus } from '@breakwater/messaging';
import type { Logger, Metrics } from '@breakwater/observability';
import type { BlobStore } from '@breakwater/storage';
import type { JobserviceConfig } from '../jobservice.config.js';

/** What a feature may use to make its handlers. */
export interface JobParts {
  readonly config: JobserviceConfig;
  readonly database: Database;
  readonly store: BlobStore;
  readonly outbox: Outbox;
  readonly bus: MessageBus;
  readonly jobs: Jobs;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** Where it registers them, before the work begins. Hooks are at `jobs.hooks`. */
export interface JobEngine {
  readonly worker: Worker;
  readonly scheduler: Scheduler;
}

/** One feature's part of jobservice: `handlers/<feature>/<feature>.feature.ts` exports one, `job-features.ts` lists it. */
export interface JobFeature {
  register(engine: JobEngine, parts: JobParts): void;
  /** Once the tables are there, at every start: what the system schedules by itself. Replicas do it together. */
  prepare?(parts: JobParts): Promise<void>;
}
