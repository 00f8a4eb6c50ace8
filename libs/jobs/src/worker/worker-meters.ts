import type { Metrics } from '@breakwater/observability';
import { VENDOR_TYPES, type VendorType } from '../job-types.js';
import type { Verdict } from './task-run.repository.js';

/** What a worker tells about itself. */
export interface WorkerMeters {
  begun(type: VendorType): void;
  ended(type: VendorType): void;
  measured(type: VendorType, verdict: Verdict, seconds: number): void;
}

export const NOT_MEASURED: WorkerMeters = {
  begun: () => undefined,
  ended: () => undefined,
  measured: () => undefined,
};

const VERDICTS = ['success', 'error', 'stopped', 'retry', 'postponed', 'back', 'lost'] as const satisfies Verdict[];

export function workerMeters(metrics: Metrics): WorkerMeters {
  const running = new Map<VendorType, number>();
  const gauge = metrics.gauge({
    name: 'tasks_running',
    help: 'Tasks that this process runs.',
    labels: { type: VENDOR_TYPES },
  });
  const runs = metrics.counter({
    name: 'task_runs_total',
    help: 'Runs of tasks that this process has ended, by how: retry, postponed, back and lost ones come again.',
    labels: { type: VENDOR_TYPES, outcome: VERDICTS },
  });
  const durations = metrics.histogram({
    name: 'task_run_duration_seconds',
    help: 'How long runs of tasks took.',
    labels: { type: VENDOR_TYPES },
    buckets: [0.01, 0.1, 0.5, 1, 5, 15, 60, 300, 1_800, 7_200],
  });
  const count = (type: VendorType, by: number): void => {
    const now = (running.get(type) ?? 0) + by;
    running.set(type, now);
    gauge.set({ type }, now);
  };
  return {
    begun: (type) => count(type, 1),
    ended: (type) => count(type, -1),
    measured(type, outcome, seconds) {
      runs.add({ type, outcome });
      durations.observe({ type }, seconds);
    },
  };
}
