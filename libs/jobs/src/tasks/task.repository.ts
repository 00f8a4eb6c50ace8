import type { Queryable } from '@breakwater/database';
import type { TaskCounts, TaskStatus } from '../executions/execution.js';
import type { VendorType } from '../job-types.js';
import type { ListPage, ListRequest } from '../lists/list.js';
import { TASK_COLUMNS, taskOf, type TaskRow } from './task-row.js';
import type { Task } from './task.js';

/** Table `task`, as it is read. How tasks are run is in `worker/`. */
export class TaskRepository {
  async find(on: Queryable, taskId: number): Promise<Task | null> {
    const [row] = await on.rows<TaskRow>(`SELECT ${TASK_COLUMNS} FROM task WHERE id = $1`, [taskId]);
    return row === undefined ? null : taskOf(row);
  }

  async list(on: Queryable, executionId: number, request: ListRequest): Promise<ListPage<Task>> {
    const params = [...(request.where?.params ?? []), executionId];
    const where = `(${request.where?.sql ?? 'TRUE'}) AND task.execution_id = $${params.length}`;
    const [count] = await on.rows<{ total: string }>(`SELECT count(*) AS total FROM task WHERE ${where}`, params);
    const rows = await on.rows<TaskRow>(
      `SELECT ${TASK_COLUMNS} FROM task WHERE ${where} ORDER BY ${request.orderBy ?? 'task.id'}
        LIMIT $${params.length + 1} OFFSET $${params.length + 2}`,
      [...params, request.limit, request.offset],
    );
    return { items: rows.map(taskOf), total: Number(count?.total ?? 0) };
  }

  async count(on: Queryable, executionId: number, type: VendorType): Promise<TaskCounts> {
    const rows = await on.rows<{ status: TaskStatus; count: number }>(
      'SELECT status, count(*)::integer AS count FROM task WHERE execution_id = $1 AND type = $2 GROUP BY status',
      [executionId, type],
    );
    const of = (status: TaskStatus): number => rows.find((row) => row.status === status)?.count ?? 0;
    return {
      pending: of('Pending'),
      scheduled: of('Scheduled'),
      running: of('Running'),
      success: of('Success'),
      error: of('Error'),
      stopped: of('Stopped'),
    };
  }
}
