import { TasksWaiting } from '@breakwater/contracts';
import type { Database, Outbox, Transaction } from '@breakwater/database';
import { ExecutionEndedError, ExecutionNotFoundError, TaskNotFoundError } from '../jobs.errors.js';
import type { JobNews } from '../job-news.js';
import type { QueueType, VendorType } from '../job-types.js';
import type { JobNotifier } from '../ports.js';
import type { JobHooks } from '../tasks/job-hooks.js';
import type { TaskScope, TaskStopping } from '../tasks/task-stopping.js';
import type { ExecutionTally } from './execution-tally.js';
import type { ExecutionRepository } from './execution.repository.js';
import type { JsonObject, NewExecution, NewTask, SubmittedExecution } from './execution.js';

/** Sets work going and stops it. What is submitted is a row first: no message is needed for it to be done. */
export class JobService {
  constructor(private readonly deps: JobServiceDependencies) {}

  /** Both become true with `tx`: the execution and whatever it was submitted with. */
  async submit(tx: Transaction, execution: NewExecution): Promise<SubmittedExecution> {
    const { executions, hooks } = this.deps;
    const inserted = await executions.insert(tx, execution);
    const taskIds = await this.insertTasks(tx, inserted.id, execution.tasks);
    if (inserted.endedAt !== null) await hooks.executionEnded(tx, inserted);
    return { executionId: inserted.id, taskIds };
  }

  /**
   * More tasks for an execution, as long as another of its tasks waits or runs: a task that finds out what there is to
   * do adds to its own execution. @returns their ids, in their order.
   *
   * @throws ExecutionEndedError  it is through, or was stopped.
   */
  async addTasks(tx: Transaction, executionId: number, tasks: readonly NewTask[]): Promise<number[]> {
    if (!(await this.deps.executions.lockOpen(tx, executionId))) throw new ExecutionEndedError(executionId);
    if (tasks.length === 0) return [];
    const taskIds = await this.insertTasks(tx, executionId, tasks);
    await this.deps.executions.addPending(tx, executionId, tasks.length);
    return taskIds;
  }

  /** Merged into the execution's own, for results that are shown with it. @throws ExecutionNotFoundError */
  async annotate(tx: Transaction, executionId: number, extraAttributes: JsonObject): Promise<void> {
    if (!(await this.deps.executions.mergeExtraAttributes(tx, executionId, extraAttributes)))
      throw new ExecutionNotFoundError(executionId);
  }

  /** When objects go: their executions with tasks and logs. What still runs cannot finish any more. */
  async removeOf(tx: Transaction, vendorType: VendorType, vendorIds: readonly number[]): Promise<void> {
    await this.deps.executions.removeOf(tx, vendorType, vendorIds);
  }

  /**
   * Tasks that wait are stopped at once; those that run are asked to, and told within two seconds. One that has ended
   * stays as it is.
   *
   * @throws ExecutionNotFoundError
   */
  async stop(executionId: number): Promise<void> {
    const { database, executions, tally } = this.deps;
    const isThere = await database.unitOfWork.run((tx) => executions.requestStop(tx, executionId));
    if (!isThere) throw new ExecutionNotFoundError(executionId);
    await this.stopTasks({ executionId });
    await tally.settle([executionId]);
  }

  /**
   * @param by  the administrator that asks, who is told of; left out where a module stops what it has set going.
   * @throws TaskNotFoundError
   */
  async stopTask(taskId: number, by?: string): Promise<void> {
    const [found] = await this.deps.database.rows('SELECT id FROM task WHERE id = $1', [taskId]);
    if (!found) throw new TaskNotFoundError(taskId);
    if (by !== undefined) await this.tell((tx, news) => news.taskStopAsked(tx, by, taskId));
    await this.stopTasks({ taskId });
    await this.deps.tally.settleAll();
  }

  /** Everything that runs, of every type. */
  async stopAllRunning(by: string): Promise<void> {
    await this.tell((tx, news) => news.runningStopAsked(tx, by));
    await this.stopTasks({ running: true });
  }

  /** Everything of a type that waits; what runs goes on. */
  async stopWaiting(by: string, type: QueueType | 'all'): Promise<void> {
    await this.tell((tx, news) => news.waitingStopAsked(tx, by, type));
    await this.stopTasks({ waitingOf: type });
    await this.deps.tally.settleAll();
  }

  /** Before it is done: it takes many transactions. */
  private tell(work: (tx: Transaction, news: JobNews) => Promise<void>): Promise<void> {
    return this.deps.database.unitOfWork.run((tx) => work(tx, this.deps.news));
  }

  /** In batches, so that ten thousand tasks are no single transaction. */
  private async stopTasks(scope: TaskScope): Promise<void> {
    const { database, notifier, stopping } = this.deps;
    for (let count = Infinity; count >= STOPPED_AT_ONCE;) {
      count = await database.unitOfWork.run(async (tx) => {
        const { touched, running } = await stopping.stop(tx, scope, STOPPED_AT_ONCE);
        if (running.length > 0) tx.onCommit(() => notifier.stopRequested(running));
        return touched;
      });
    }
  }

  private async insertTasks(tx: Transaction, executionId: number, tasks: readonly NewTask[]): Promise<number[]> {
    const ids: number[] = [];
    for (let start = 0; start < tasks.length; start += INSERTED_AT_ONCE)
      ids.push(
        ...(await this.deps.executions.insertTasks(tx, executionId, tasks.slice(start, start + INSERTED_AT_ONCE))),
      );
    await this.wakeWorkers(tx, executionId, tasks, ids);
    return ids;
  }

  /** One message per type wakes workers for all of its tasks: they claim as many rows as they can take. */
  private async wakeWorkers(
    tx: Transaction,
    executionId: number,
    tasks: readonly NewTask[],
    ids: readonly number[],
  ): Promise<void> {
    const byType = Map.groupBy(tasks.keys(), (index) => (tasks[index] as NewTask).type);
    const wakeUps = [...byType].map(([type, indexes]) => ({
      subject: TasksWaiting.subjectOf(type),
      key: `jobs:${executionId}`,
      payload: { type, taskId: ids[indexes[0] as number], count: indexes.length },
    }));
    await this.deps.outbox.add(tx, ...wakeUps);
  }
}

const INSERTED_AT_ONCE = 1_000;
const STOPPED_AT_ONCE = 500;

export interface JobServiceDependencies {
  readonly database: Database;
  readonly outbox: Outbox;
  readonly executions: ExecutionRepository;
  readonly stopping: TaskStopping;
  readonly tally: ExecutionTally;
  readonly hooks: JobHooks;
  readonly notifier: JobNotifier;
  readonly news: JobNews;
}
