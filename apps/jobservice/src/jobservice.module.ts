import {
  type DynamicModule,
  Inject,
  Module,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import type { OutboxRelay } from '@breakwater/messaging';
import type { CollectorLoop } from './collection/collector-loop.js';
import type { JobEngine } from './job-engine.js';

/** What the process works with, made before Nest so that it can wait for what is not there yet. */
export interface JobserviceParts {
  readonly collectorLoop: CollectorLoop;
  /** Of all replicas one publishes at a time. */
  readonly outboxRelay: Pick<OutboxRelay, 'start' | 'stop'>;
  readonly jobEngine: Pick<JobEngine, 'start' | 'stop'>;
  /** Ends connections, after everything that uses them has stopped. */
  readonly release: () => Promise<void>;
}

const PARTS = Symbol('jobservice parts');

/** The Nest side of jobservice: starts the work when the process is up, and ends it in order. */
@Module({})
export class JobserviceModule implements OnApplicationBootstrap, OnApplicationShutdown {
  constructor(@Inject(PARTS) private readonly parts: JobserviceParts) {}

  static with(parts: JobserviceParts): DynamicModule {
    return { module: JobserviceModule, providers: [{ provide: PARTS, useValue: parts }] };
  }

  onApplicationBootstrap(): void {
    this.parts.collectorLoop.start();
    this.parts.outboxRelay.start();
    this.parts.jobEngine.start();
  }

  async onApplicationShutdown(): Promise<void> {
    const { collectorLoop, outboxRelay, jobEngine } = this.parts;
    await Promise.all([collectorLoop.stop(), jobEngine.stop().finally(() => outboxRelay.stop())]);
    await this.parts.release();
  }
}
