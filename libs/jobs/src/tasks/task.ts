import type { FinalStatus, JsonObject, TaskStatus } from '../executions/execution.js';
import type { VendorType } from '../job-types.js';

export interface Task {
  readonly id: number;
  readonly executionId: number;
  readonly type: VendorType;
  readonly status: TaskStatus;
  /** Why it failed, or what its handler had to say. */
  readonly statusMessage: string;
  readonly parameters: JsonObject;
  readonly extraAttributes: JsonObject;
  /** How often it was begun. */
  readonly runCount: number;
  /** Null for a handler that does not tell. */
  readonly progress: TaskProgress | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  /** Of its first run. */
  readonly startedAt: Date | null;
  readonly endedAt: Date | null;
}

export interface TaskProgress {
  readonly done: number;
  /** 0: not known. */
  readonly total: number;
  readonly at: Date;
}

/** A task that has ended for good, for whoever is told (`JobHooks`). */
export interface EndedTask {
  readonly id: number;
  readonly executionId: number;
  readonly type: VendorType;
  readonly status: FinalStatus;
  readonly statusMessage: string;
  readonly parameters: JsonObject;
  readonly extraAttributes: JsonObject;
}
