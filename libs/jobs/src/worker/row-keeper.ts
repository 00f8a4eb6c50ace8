import type { Database, Transaction } from '@breakwater/database';
import type { JsonObject } from '../executions/execution.js';
import { LeaseLostError } from '../jobs.errors.js';
import type { TaskLogRepository } from '../logs/task-log.repository.js';
import type { JobHooks } from '../tasks/job-hooks.js';
import { endedTaskOf } from '../tasks/task-row.js';
import type { JobOutcome } from './job-handler.js';
import { successOf } from './judge.js';
import type { RunKeeper, TaskRun } from './task-run.js';
import type { TaskRunRepository } from './task-run.repository.js';

/** What a run writes by itself, each time only while its row is still its own. */
export class RowKeeper implements RunKeeper {
  constructor(private readonly deps: RowKeeperDependencies) {}

  async finish(run: TaskRun, work: (tx: Transaction) => Promise<void>, outcome: JobOutcome): Promise<void> {
    const { database, hooks, tasks, logs, poolId } = this.deps;
    if (run.isFinished) throw new LeaseLostError(run.id);
    await run.logs.settled();
    const log = run.logs.takeAll();
    try {
      await database.unitOfWork.run(async (tx) => {
        // The row first: whoever else wants to end the task waits here, and then finds it ended.
        const rows = await tasks.end(tx, poolId, [successOf(run, outcome)]);
        if (rows.length === 0) throw new LeaseLostError(run.id);
        await work(tx);
        if (log !== null) await logs.append(tx, [{ taskId: run.id, lines: log }]);
        await hooks.tasksEnded(tx, rows.map(endedTaskOf));
      });
    } catch (error) {
      if (log !== null) run.logs.putBack(log);
      throw error;
    }
    run.isFinished = true;
  }

  async remember(run: TaskRun, attributes: JsonObject): Promise<void> {
    const { database, tasks, poolId } = this.deps;
    if (!(await tasks.remember(database, poolId, run, attributes))) throw new LeaseLostError(run.id);
  }
}

interface RowKeeperDependencies {
  readonly database: Database;
  readonly hooks: JobHooks;
  readonly tasks: TaskRunRepository;
  readonly logs: TaskLogRepository;
  readonly poolId: string;
}
