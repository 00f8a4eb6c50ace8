import type { Database } from '@breakwater/database';
import { ExecutionNotFoundError, TaskNotFoundError } from '../jobs.errors.js';
import type { VendorType } from '../job-types.js';
import type { ListPage, ListRequest } from '../lists/list.js';
import type { LogPage, TaskLogRepository } from '../logs/task-log.repository.js';
import type { TaskRepository } from '../tasks/task.repository.js';
import type { Task } from '../tasks/task.js';
import type { ExecutionRepository, ExecutionScope } from './execution.repository.js';
import type { Execution, TaskCounts } from './execution.js';

/** What was set going, and what became of it. */
export class JobReader {
  constructor(
    private readonly database: Database,
    private readonly executions: ExecutionRepository,
    private readonly tasks: TaskRepository,
    private readonly logs: TaskLogRepository,
  ) {}

  findExecution(executionId: number): Promise<Execution | null> {
    return this.executions.find(this.database, executionId);
  }

  /** @throws ExecutionNotFoundError */
  async getExecution(executionId: number): Promise<Execution> {
    const execution = await this.findExecution(executionId);
    if (execution === null) throw new ExecutionNotFoundError(executionId);
    return execution;
  }

  /** The newest first unless the request says otherwise (`executionFields`). */
  listExecutions(scope: ExecutionScope, request: ListRequest): Promise<ListPage<Execution>> {
    return this.executions.list(this.database, scope, request);
  }

  /** The newest of a vendor object, whatever its state. */
  async findLatestExecution(scope: ExecutionScope): Promise<Execution | null> {
    const request = { limit: 1, offset: 0, orderBy: 'execution.id DESC' };
    const { items } = await this.listExecutions(scope, request);
    return items[0] ?? null;
  }

  /** In the order in which they were added unless the request says otherwise (`taskFields`). */
  listTasks(executionId: number, request: ListRequest): Promise<ListPage<Task>> {
    return this.tasks.list(this.database, executionId, request);
  }

  findTask(taskId: number): Promise<Task | null> {
    return this.tasks.find(this.database, taskId);
  }

  /** @throws TaskNotFoundError */
  async getTask(taskId: number): Promise<Task> {
    const task = await this.findTask(taskId);
    if (task === null) throw new TaskNotFoundError(taskId);
    return task;
  }

  /** Of one type of task: for executions that hold tasks of several. Reads each of them. */
  countTasks(executionId: number, type: VendorType): Promise<TaskCounts> {
    return this.tasks.count(this.database, executionId, type);
  }

  /** The whole log, at most a little over 1 MiB. Null: no such task. */
  async findLog(taskId: number): Promise<string | null> {
    return this.logs.whole(this.database, taskId);
  }

  /**
   * A part of the log, for one that still grows. @param after  `next` of the page before; 0 for the first.
   */
  readLog(taskId: number, after: number): Promise<LogPage> {
    return this.logs.page(this.database, taskId, after);
  }
}
