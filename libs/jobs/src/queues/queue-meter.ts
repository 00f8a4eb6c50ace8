import type { GaugeMetric, Metrics } from '@breakwater/observability';
import { VENDOR_TYPES, type VendorType } from '../job-types.js';
import { Periodic } from '../worker/periodic.js';
import type { JobQueues } from './job-queues.js';

/** Tells Prometheus what waits. The same from every replica. */
export class QueueMeter {
  private readonly waiting: GaugeMetric<{ readonly type: readonly VendorType[] }>;
  private readonly latency: GaugeMetric<{ readonly type: readonly VendorType[] }>;
  private readonly periodic: Periodic;

  constructor(
    metrics: Metrics,
    private readonly queues: Pick<JobQueues, 'list'>,
  ) {
    const labels = { type: VENDOR_TYPES };
    this.waiting = metrics.gauge({ name: 'tasks_waiting', help: 'Tasks that wait, over all replicas.', labels });
    this.latency = metrics.gauge({
      name: 'task_queue_latency_seconds',
      help: 'How long the oldest task waits that could run; 0 for none.',
      labels,
    });
    // What cannot be counted now keeps its last value.
    this.periodic = new Periodic(
      EVERY_MS,
      () => this.measure(),
      () => undefined,
    );
  }

  start(): void {
    this.periodic.start();
  }

  stop(): Promise<void> {
    return this.periodic.stop();
  }

  private async measure(): Promise<void> {
    for (const { type, waitingCount, latencySeconds } of await this.queues.list()) {
      if (type === 'SCHEDULER') continue;
      this.waiting.set({ type }, waitingCount);
      this.latency.set({ type }, latencySeconds);
    }
  }
}

const EVERY_MS = 15_000;
