export { createJobs, jobsSchema, type Jobs, type JobsDependencies } from './create-jobs.js';
export {
  statusOf,
  type Execution,
  type ExecutionStatus,
  type FinalStatus,
  type JsonObject,
  type NewExecution,
  type NewTask,
  type SubmittedExecution,
  type TaskCounts,
  type TaskStatus,
  type Trigger,
} from './executions/execution.js';
export type { ExecutionScope } from './executions/execution.repository.js';
export { ExecutionTally } from './executions/execution-tally.js';
export { JobReader } from './executions/job-reader.js';
export { JobService } from './executions/job.service.js';
export {
  isVendorType,
  JOB_TYPES,
  SCHEDULER_QUEUE,
  VENDOR_TYPES,
  type JobTypeSettings,
  type QueueType,
  type VendorType,
} from './job-types.js';
export {
  ExecutionEndedError,
  ExecutionNotFoundError,
  InvalidCronError,
  LeaseLostError,
  TaskNotFoundError,
  TaskPostponedError,
  TaskStoppedError,
  TaskTimedOutError,
  WorkerEndingError,
} from './jobs.errors.js';
export { executionFields, scheduleFields, taskFields } from './lists/fields.js';
export type { ListPage, ListRequest } from './lists/list.js';
export type { LogPage } from './logs/task-log.repository.js';
export { CreateJobs1764000400000 } from './migrations/create-jobs.migration.js';
export type { JobNotifier } from './ports.js';
export { isQueueType, JobQueues, type JobQueue } from './queues/job-queues.js';
export { QueueMeter } from './queues/queue-meter.js';
export { CronExpression } from './schedules/cron-expression.js';
export type { CronType, NewSchedule, Schedule } from './schedules/schedule.js';
export { ScheduleService } from './schedules/schedule.service.js';
export { JobHooks, type ExecutionEndedHook, type TasksEndedHook } from './tasks/job-hooks.js';
export type { EndedTask, Task, TaskProgress } from './tasks/task.js';
export type { JobHandler, JobOutcome, RunningTask } from './worker/job-handler.js';
export { jobNotifier, wakeByMessages } from './messages/job-messages.js';
export { WorkerPools, type PoolWorker, type WorkerPool } from './pools/worker-pools.js';
export { Scheduler, type SchedulerOptions, type ScheduleTrigger } from './schedules/scheduler.js';
export { ExecutionSweep, SWEEP_SCHEDULE } from './sweep/execution-sweep.js';
export { VendorObjects, type FindObjects } from './sweep/vendor-objects.js';
export { workerMeters, type WorkerMeters } from './worker/worker-meters.js';
export { Worker, type WorkerOptions } from './worker/worker.js';
