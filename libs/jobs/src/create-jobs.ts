import type { Database, DatabaseSchema, Outbox } from '@breakwater/database';
import { ExecutionRepository } from './executions/execution.repository.js';
import { ExecutionTally } from './executions/execution-tally.js';
import { JobReader } from './executions/job-reader.js';
import { JobService } from './executions/job.service.js';
import { JobNews } from './job-news.js';
import { TaskLogRepository } from './logs/task-log.repository.js';
import { CreateJobs1764000400000 } from './migrations/create-jobs.migration.js';
import { WorkerPools } from './pools/worker-pools.js';
import { NOBODY, type JobNotifier } from './ports.js';
import { JobQueues } from './queues/job-queues.js';
import { ScheduleRepository } from './schedules/schedule.repository.js';
import { ScheduleService } from './schedules/schedule.service.js';
import { VendorObjects } from './sweep/vendor-objects.js';
import { JobHooks } from './tasks/job-hooks.js';
import { TaskStopping } from './tasks/task-stopping.js';
import { TaskRepository } from './tasks/task.repository.js';

/** The tables of this module. They refer to nobody else's. */
export const jobsSchema: DatabaseSchema = { entities: [], migrations: [CreateJobs1764000400000] };

export interface JobsDependencies {
  readonly database: Database;
  readonly outbox: Outbox;
  /** Left out: workers find out by looking. */
  readonly notifier?: JobNotifier;
  /** Told what a hook has thrown at the end of an execution; it is tried again. */
  readonly onFailure: (error: unknown) => void;
}

/** One per process. Processes that run tasks make a `Worker` and a `Scheduler` besides. */
export interface Jobs {
  readonly service: JobService;
  readonly reader: JobReader;
  readonly schedules: ScheduleService;
  readonly queues: JobQueues;
  readonly pools: WorkerPools;
  /** Register here before work begins. */
  readonly hooks: JobHooks;
  /** And here, for the sweep. */
  readonly objects: VendorObjects;
  readonly tally: ExecutionTally;
}

export function createJobs({ database, outbox, notifier = NOBODY, onFailure }: JobsDependencies): Jobs {
  const hooks = new JobHooks();
  const executions = new ExecutionRepository();
  const tally = new ExecutionTally(database, executions, hooks, onFailure);
  const stopping = new TaskStopping(hooks);
  const news = new JobNews(outbox);
  return {
    service: new JobService({ database, outbox, executions, stopping, tally, hooks, notifier, news }),
    reader: new JobReader(database, executions, new TaskRepository(), new TaskLogRepository()),
    schedules: new ScheduleService(database, new ScheduleRepository(), notifier),
    queues: new JobQueues(database, notifier, news),
    pools: new WorkerPools(database),
    hooks,
    objects: new VendorObjects(),
    tally,
  };
}
