import { AppError } from '@breakwater/errors';

export class ExecutionNotFoundError extends AppError {
  readonly code = 'EXECUTION_NOT_FOUND';
  readonly kind = 'not-found';
  constructor(executionId: number) {
    super(`execution with id ${executionId} not found`, { executionId });
  }
}

export class TaskNotFoundError extends AppError {
  readonly code = 'TASK_NOT_FOUND';
  readonly kind = 'not-found';
  constructor(taskId: number | string) {
    super(`task with id ${taskId} not found`, { taskId });
  }
}

/** Tasks can be added as long as another one of the execution waits or runs, and nobody has stopped it. */
export class ExecutionEndedError extends AppError {
  readonly code = 'EXECUTION_ENDED';
  readonly kind = 'precondition';
  constructor(executionId: number) {
    super(`execution ${executionId} takes no more tasks`, { executionId });
  }
}

/** Another worker has the task, or it was stopped for good: what this run would have done is not done. */
export class LeaseLostError extends AppError {
  readonly code = 'LEASE_LOST';
  readonly kind = 'conflict';
  constructor(taskId: number) {
    super(`task ${taskId} is not this worker's any more`, { taskId });
  }
}

/** Somebody asked for the task to be stopped. The reason of a running task's signal. */
export class TaskStoppedError extends AppError {
  readonly code = 'TASK_STOPPED';
  readonly kind = 'precondition';
  constructor(taskId: number) {
    super('stopped', { taskId });
  }
}

/**
 * Thrown by a handler: what it needs is away, and nothing was done. The task has not failed; it comes again, as long as
 * its type is patient (`JOB_TYPES`).
 */
export class TaskPostponedError extends AppError {
  readonly code = 'TASK_POSTPONED';
  readonly kind = 'unavailable';
  /** @param pauseSeconds  it is of no use to come back earlier. */
  constructor(
    reason: string,
    readonly pauseSeconds: number,
    options?: { cause?: unknown },
  ) {
    super(reason, { pauseSeconds }, options);
  }
}

/** The run took longer than its type allows. The reason of a running task's signal. */
export class TaskTimedOutError extends AppError {
  readonly code = 'TASK_TIMED_OUT';
  readonly kind = 'unavailable';
  constructor(taskId: number, timeoutSeconds: number) {
    super(`took longer than ${timeoutSeconds} s`, { taskId, timeoutSeconds });
  }
}

/** The process ends and hands the task to another one. The reason of a running task's signal. */
export class WorkerEndingError extends AppError {
  readonly code = 'WORKER_ENDING';
  readonly kind = 'unavailable';
  constructor() {
    super('the worker ends; another one goes on');
  }
}

export class InvalidCronError extends AppError {
  readonly code = 'INVALID_CRON';
  readonly kind = 'invalid';
  constructor(cron: string, reason: string) {
    super(`invalid cron string for scheduled job: ${cron}, error: ${reason}`, { cron, reason });
  }
}
