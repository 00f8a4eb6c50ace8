import type { Transaction } from '@breakwater/database';
import type { JsonObject } from '../executions/execution.js';
import type { VendorType } from '../job-types.js';

/**
 * Does the work of one type of task.
 *
 * It may be run more than once (a worker can die at any point), so its effect belongs into `task.finish`, which
 * happens once. Returns: success. Throws an AppError of kind `invalid`, `not-found` or `precondition`: given up at
 * once. Throws a `TaskPostponedError`: comes again later, and has not failed. Throws anything else: tried again with
 * pauses, as often as JOB_TYPES says. Throws or returns after `task.signal` was aborted, without `finish`: stopped, or
 * handed to another worker, as the signal's reason says.
 */
export interface JobHandler {
  run(task: RunningTask): Promise<void | JobOutcome>;
}

export interface JobOutcome {
  /** Shown with the task. */
  readonly statusMessage?: string;
}

/** What a handler works with, for one run of one task. */
export interface RunningTask {
  readonly id: number;
  readonly type: VendorType;
  readonly executionId: number;
  readonly executionExtraAttributes: JsonObject;
  readonly parameters: JsonObject;
  /** With what `remember` has put there in earlier runs. */
  readonly extraAttributes: JsonObject;
  /** Counted from 1: runs that failed, and this one. */
  readonly attempt: number;
  /** How often it was begun, this time included; more than attempts where a worker was lost, or it was put off. */
  readonly runCount: number;
  /** An error now is for good. */
  readonly isLastAttempt: boolean;
  /** Aborted within two seconds when somebody stops the task, it takes too long, its lease is lost or the process ends. */
  readonly signal: AbortSignal;
  /** One line for the task's log, kept in order and bounded; never secrets. The time is put before it. */
  log(line: string): void;
  /** Shown with the task, within a second or two. @param total  0: not known. */
  progress(done: number, total: number): void;
  /**
   * Keeps what a later run can go on with (a scanner's scan id, how far a list was walked), merged into the task's
   * `extraAttributes`. @throws LeaseLostError
   */
  remember(attributes: JsonObject): Promise<void>;
  /**
   * The effect of the task and its success, in one transaction, and only while the task is still this run's: exactly
   * once by effect, however often the task is begun. Call it at most once, at the end. What `work` throws rolls
   * everything back and fails the run. `work` may run again after a deadlock: effects on `tx` only.
   *
   * @throws LeaseLostError  somebody else has the task, or it was stopped for good; nothing happened.
   */
  finish(work: (tx: Transaction) => Promise<void>, outcome?: JobOutcome): Promise<void>;
}
