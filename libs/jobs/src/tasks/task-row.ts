import type { FinalStatus, JsonObject, TaskStatus } from '../executions/execution.js';
import type { VendorType } from '../job-types.js';
import type { EndedTask, Task } from './task.js';

/** As the driver gives it: bigint comes as text. */
export interface TaskRow {
  readonly id: string;
  readonly execution_id: string;
  readonly type: string;
  readonly status: string;
  readonly status_message: string;
  readonly parameters: JsonObject;
  readonly extra_attributes: JsonObject;
  readonly run_count: number;
  readonly progress_done: string | null;
  readonly progress_total: string | null;
  readonly progress_at: Date | null;
  readonly created_at: Date;
  readonly updated_at: Date;
  readonly started_at: Date | null;
  readonly ended_at: Date | null;
}

export const TASK_COLUMNS = `task.id, task.execution_id, task.type, task.status, task.status_message, task.parameters,
  task.extra_attributes, task.run_count, task.progress_done, task.progress_total, task.progress_at, task.created_at,
  task.updated_at, task.started_at, task.ended_at`;

export function taskOf(row: TaskRow): Task {
  return {
    id: Number(row.id),
    executionId: Number(row.execution_id),
    type: row.type as VendorType,
    status: row.status as TaskStatus,
    statusMessage: row.status_message,
    parameters: row.parameters,
    extraAttributes: row.extra_attributes,
    runCount: row.run_count,
    progress:
      row.progress_at === null
        ? null
        : { done: Number(row.progress_done), total: Number(row.progress_total), at: row.progress_at },
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    startedAt: row.started_at,
    endedAt: row.ended_at,
  };
}

export type EndedTaskRow = Pick<
  TaskRow,
  'id' | 'execution_id' | 'type' | 'status' | 'status_message' | 'parameters' | 'extra_attributes'
>;

export const ENDED_COLUMNS =
  'task.id, task.execution_id, task.type, task.status, task.status_message, task.parameters, task.extra_attributes';

export function endedTaskOf(row: EndedTaskRow): EndedTask {
  return {
    id: Number(row.id),
    executionId: Number(row.execution_id),
    type: row.type as VendorType,
    status: row.status as FinalStatus,
    statusMessage: row.status_message,
    parameters: row.parameters,
    extraAttributes: row.extra_attributes,
  };
}
