import type { Database, Outbox } from '@breakwater/database';
import {
  createJobs,
  jobNotifier,
  QueueMeter,
  Scheduler,
  wakeByMessages,
  Worker,
  workerMeters,
  type Jobs,
} from '@breakwater/jobs';
import type { MessageBus } from '@breakwater/messaging';
import type { Logger, Metrics } from '@breakwater/observability';
import type { BlobStore } from '@breakwater/storage';
import type { JobFeature, JobParts } from './handlers/job-feature.js';
import { JOB_FEATURES } from './handlers/job-features.js';
import type { JobserviceConfig } from './jobservice.config.js';

export interface JobEngineDependencies {
  readonly config: JobserviceConfig;
  readonly database: Database;
  readonly store: BlobStore;
  readonly outbox: Outbox;
  readonly bus: MessageBus;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Others than jobservice's own, for tests. */
  readonly features?: readonly JobFeature[];
}

/** Runs jobs and fires schedules, for as long as the process lives. Any number of replicas may. */
export class JobEngine {
  private stopListening: () => Promise<void> = () => Promise.resolve();

  private constructor(
    private readonly worker: Worker,
    private readonly scheduler: Scheduler,
    private readonly meter: QueueMeter,
    private readonly dependencies: JobEngineDependencies,
  ) {}

  static async create(dependencies: JobEngineDependencies): Promise<JobEngine> {
    const { config, database, outbox, bus, logger, metrics, features = JOB_FEATURES } = dependencies;
    const notifier = jobNotifier(bus);
    const onFailure = (error: unknown): void =>
      logger.error('the end of an execution could not be told; trying on', { error });
    const jobs: Jobs = createJobs({ database, outbox, notifier, onFailure });
    const worker = new Worker({
      database,
      hooks: jobs.hooks,
      tally: jobs.tally,
      logger,
      meters: workerMeters(metrics),
      concurrency: config.jobs.workers,
      leaseSeconds: config.jobs.leaseSeconds,
    });
    const scheduler = new Scheduler({ database, service: jobs.service, queues: jobs.queues, logger });
    const parts: JobParts = { ...dependencies, jobs };
    for (const feature of features) feature.register({ worker, scheduler }, parts);
    for (const feature of features) await feature.prepare?.(parts);
    return new JobEngine(worker, scheduler, new QueueMeter(metrics, jobs.queues), dependencies);
  }

  start(): void {
    this.stopListening = wakeByMessages(this.dependencies.bus, { worker: this.worker, scheduler: this.scheduler });
    this.worker.start();
    this.scheduler.start();
    this.meter.start();
  }

  /** Tasks under way may end within the grace period; what does not is handed to another worker. */
  async stop(): Promise<void> {
    const graceMs = Math.max(0, this.dependencies.config.shutdown.graceSeconds - HAND_BACK_SECONDS) * 1000;
    await Promise.all([this.stopListening(), this.meter.stop(), this.scheduler.stop(), this.worker.stop(graceMs)]);
  }
}

/** Of the grace period, for handing back. */
const HAND_BACK_SECONDS = 5;
