import { Outbox, type Database } from '@breakwater/database';
import { SILENT } from '@breakwater/observability';
import { createTestDatabase, eventually, type TestDatabase } from '@breakwater/testing';
import { createJobs, type Jobs } from '../create-jobs.js';
import type { NewExecution, NewTask, SubmittedExecution } from '../executions/execution.js';
import type { VendorType } from '../job-types.js';
import type { JobNotifier } from '../ports.js';
import type { JobHandler, RunningTask } from '../worker/job-handler.js';
import { Worker, type WorkerOptions } from '../worker/worker.js';
import { JOBS_SCHEMA } from './jobs-schema.js';

/** A database, with the module over it and workers on demand. */
export interface JobsWorld extends Jobs {
  readonly test: TestDatabase;
  readonly database: Database;
  /** Started, with these handlers; the world stops it. It looks for work every 20 ms. */
  worker(handlers: Handlers, options?: Partial<WorkerOptions>): Worker;
  submit(execution?: Partial<NewExecution>): Promise<SubmittedExecution>;
  /** As if so much time had passed for a task that waits for its next try. */
  makeDue(taskId: number): Promise<void>;
  /** As if the worker had not been heard of for the time of its lease. Resolves when its task was taken back. */
  loseLease(taskId: number): Promise<void>;
  /** Stops the workers, and forgets every execution and pause. */
  reset(): Promise<void>;
  close(): Promise<void>;
}

export type Handlers = Partial<Record<VendorType, JobHandler['run']>>;

export async function createJobsWorld(notifier?: JobNotifier): Promise<JobsWorld> {
  const test = await createTestDatabase(JOBS_SCHEMA);
  const database = await test.connect();
  const jobs = createJobs({ database, outbox: new Outbox(), onFailure, ...(notifier && { notifier }) });
  const workers: Worker[] = [];
  return {
    ...jobs,
    test,
    database,
    worker(handlers, options = {}) {
      const worker = workerOf({ database, jobs, handlers, options });
      workers.push(worker);
      worker.start();
      return worker;
    },
    submit: (execution = {}) =>
      database.unitOfWork.run((tx) =>
        jobs.service.submit(tx, {
          vendorType: 'RETENTION',
          vendorId: 1,
          trigger: 'MANUAL',
          tasks: [aTask()],
          ...execution,
        }),
      ),
    async makeDue(taskId) {
      await database.rows('UPDATE task SET due_at = now() WHERE id = $1 RETURNING id', [taskId]);
    },
    async loseLease(taskId) {
      const { runCount } = await jobs.reader.getTask(taskId);
      // Again, for a heartbeat that was under way renews it.
      await eventually(async () => {
        const rows = await database.rows(
          `UPDATE task SET lease_until = now() - interval '1 s'
            WHERE id = $1 AND run_count = $2 AND status = 'Running' RETURNING id`,
          [taskId, runCount],
        );
        if (rows.length > 0) throw new Error('the task still runs');
      });
    },
    async reset() {
      await Promise.all(workers.splice(0).map((worker) => worker.stop(0)));
      await database.rows('TRUNCATE execution, execution_change, job_queue, schedule, outbox_event CASCADE');
    },
    async close() {
      await Promise.all(workers.map((worker) => worker.stop(0)));
      await test.drop();
    },
  };
}

/** A hook that throws is a mistake of the test. */
function onFailure(error: unknown): never {
  throw error;
}

interface WorkerParts {
  readonly database: Database;
  readonly jobs: Jobs;
  readonly handlers: Handlers;
  readonly options?: Partial<WorkerOptions>;
}

/** Looks often. */
const QUICK = { pollMs: 20, watchMs: 20, reconcileMs: 50 };

/** Not started. */
export function workerOf({ database, jobs, handlers, options = {} }: WorkerParts): Worker {
  const { hooks, tally } = jobs;
  const worker = new Worker({ database, hooks, tally, logger: SILENT, concurrency: 8, ...QUICK, ...options });
  for (const [type, run] of Object.entries(handlers)) worker.register(type as VendorType, { run });
  return worker;
}

export function aTask(task: Partial<NewTask> = {}): NewTask {
  return { type: 'RETENTION', parameters: {}, ...task };
}

/** A handler that a test lets go on, and that ends when it is told to. */
export class Gate {
  readonly begun: RunningTask[] = [];
  private open: () => void = () => undefined;
  private readonly opened = new Promise<void>((resolve) => (this.open = resolve));

  readonly run = async (task: RunningTask): Promise<void> => {
    this.begun.push(task);
    await new Promise<void>((resolve, reject) => {
      void this.opened.then(resolve);
      task.signal.addEventListener('abort', () => reject(task.signal.reason as Error));
    });
  };

  release(): void {
    this.open();
  }
}
