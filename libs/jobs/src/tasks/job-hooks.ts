import type { Transaction } from '@breakwater/database';
import type { Execution } from '../executions/execution.js';
import type { VendorType } from '../job-types.js';
import type { EndedTask } from './task.js';

/**
 * Runs in the transaction that ends the tasks for good, however they end: done, given up, stopped, or lost with their
 * worker. Several that end together come together. What it throws rolls the end back, which is then tried again.
 */
export type TasksEndedHook = (tx: Transaction, tasks: readonly EndedTask[]) => Promise<void>;

/** Runs, once per execution, in the transaction that ends it: after the last of its tasks. */
export type ExecutionEndedHook = (tx: Transaction, execution: Execution) => Promise<void>;

/**
 * What other modules do when work ends. Every process that runs or stops tasks (jobservice, core) registers the same
 * hooks: a pending task is stopped where the request arrives.
 */
export class JobHooks {
  private readonly ofTasks = new Map<VendorType, TasksEndedHook[]>();
  private readonly ofExecutions = new Map<VendorType, ExecutionEndedHook[]>();

  /** @param type  of the tasks. */
  onTasksEnded(type: VendorType, hook: TasksEndedHook): void {
    this.ofTasks.set(type, [...(this.ofTasks.get(type) ?? []), hook]);
  }

  /** @param vendorType  of the executions. */
  onExecutionEnded(vendorType: VendorType, hook: ExecutionEndedHook): void {
    this.ofExecutions.set(vendorType, [...(this.ofExecutions.get(vendorType) ?? []), hook]);
  }

  /** Whether somebody is told of the end of such tasks. */
  hasForTasks(type: VendorType): boolean {
    return this.ofTasks.has(type);
  }

  /** For this module. */
  async tasksEnded(tx: Transaction, tasks: readonly EndedTask[]): Promise<void> {
    for (const [type, ofType] of Map.groupBy(tasks, (task) => task.type))
      for (const hook of this.ofTasks.get(type) ?? []) await hook(tx, ofType);
  }

  /** For this module. */
  async executionEnded(tx: Transaction, execution: Execution): Promise<void> {
    for (const hook of this.ofExecutions.get(execution.vendorType) ?? []) await hook(tx, execution);
  }
}
