import type { VendorType } from '../job-types.js';

export type Trigger = 'MANUAL' | 'SCHEDULE' | 'EVENT';

/**
 * Of the tasks together: any that waits or runs makes it `Running`, else any error `Error`, else any stopped one
 * `Stopped`, else `Success`.
 */
export type ExecutionStatus = 'Running' | 'Success' | 'Error' | 'Stopped';

/** Scheduled: waits for its next try. The last three are for good. */
export type TaskStatus = 'Pending' | 'Scheduled' | 'Running' | 'Success' | 'Error' | 'Stopped';
export type FinalStatus = Extract<TaskStatus, ExecutionStatus> & ('Success' | 'Error' | 'Stopped');

export type JsonObject = Readonly<Record<string, unknown>>;

/** What is to be done, and on whose behalf. */
export interface NewExecution {
  readonly vendorType: VendorType;
  /** The object that it is about, in its module's own ids: a policy, a registration, an artifact; -1 for the system. */
  readonly vendorId: number;
  readonly trigger: Trigger;
  readonly extraAttributes?: JsonObject;
  /** None: it ends at once, with success. */
  readonly tasks: readonly NewTask[];
}

export interface NewTask {
  readonly type: VendorType;
  /** What the handler needs. Never secrets: it is shown, logged and kept. */
  readonly parameters: JsonObject;
  readonly extraAttributes?: JsonObject;
  /** `bulk`: only when no usual task of its type waits, e.g. those of a scan of everything. */
  readonly priority?: 'usual' | 'bulk';
}

export interface SubmittedExecution {
  readonly executionId: number;
  /** In the order of the tasks. */
  readonly taskIds: readonly number[];
}

/** How many tasks an execution has in each state. */
export interface TaskCounts {
  readonly pending: number;
  readonly scheduled: number;
  readonly running: number;
  readonly success: number;
  readonly error: number;
  readonly stopped: number;
}

export interface Execution {
  readonly id: number;
  readonly vendorType: VendorType;
  readonly vendorId: number;
  readonly trigger: Trigger;
  readonly status: ExecutionStatus;
  readonly statusMessage: string;
  readonly extraAttributes: JsonObject;
  readonly counts: TaskCounts;
  readonly startedAt: Date;
  readonly updatedAt: Date;
  /** Null until it has ended. */
  readonly endedAt: Date | null;
}

/** As Harbor derives it. Nothing to do is success. */
export function statusOf({ pending, scheduled, running, error, stopped }: TaskCounts): ExecutionStatus {
  if (pending + scheduled + running > 0) return 'Running';
  if (error > 0) return 'Error';
  return stopped > 0 ? 'Stopped' : 'Success';
}
