import type { Database, Outbox } from '@breakwater/database';
import { ExecutionSweep, SWEEP_SCHEDULE, type Jobs, type Scheduler, type Worker } from '@breakwater/jobs';
import type { MessageBus } from '@breakwater/messaging';
import type { Logger, Metrics } from '@breakwater/observability';
import type { BlobStore } from '@breakwater/storage';
import { auditPurge } from './audit/audit-purge.feature.js';
import { ScanningFeature } from './scanning/scanning.feature.js';
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

/** One feature's part of jobservice: `handlers/<feature>/<feature>.feature.ts` exports one, and it is listed here. */
export interface JobFeature {
  register(engine: JobEngine, parts: JobParts): void;
  /** Once the tables are there, at every start: what the system schedules by itself. Replicas do it together. */
  prepare?(parts: JobParts): Promise<void>;
}

const sweep: JobFeature = {
  register: ({ worker }, { database, jobs }) =>
    worker.register('EXECUTION_SWEEP', new ExecutionSweep(database, jobs.objects)),
  prepare: ({ database, jobs }) => database.unitOfWork.run((tx) => jobs.schedules.putMissing(tx, SWEEP_SCHEDULE)),
};

/** Everything that jobservice runs as a job. */
export const JOB_FEATURES: readonly JobFeature[] = [sweep, auditPurge, new ScanningFeature()];
