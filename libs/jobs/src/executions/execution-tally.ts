import type { Database } from '@breakwater/database';
import type { JobHooks } from '../tasks/job-hooks.js';
import type { ExecutionRepository } from './execution.repository.js';

/**
 * Adds up how the tasks of executions have come out, and ends those that are through. Tasks leave differences, so
 * that ten thousand that end at once do not wait for one row; this is run a moment after them.
 */
export class ExecutionTally {
  constructor(
    private readonly database: Database,
    private readonly executions: ExecutionRepository,
    private readonly hooks: JobHooks,
    /** Told what a hook has thrown; it is tried again. */
    private readonly onFailure: (error: unknown) => void,
  ) {}

  /** What waits now. */
  async settleAll(): Promise<void> {
    const ids = await this.executions.unsettled(this.database, AT_ONCE);
    await this.settle(ids);
  }

  /** Those; a hook that throws holds up its own execution, not the others. */
  async settle(executionIds: readonly number[]): Promise<void> {
    if (executionIds.length === 0) return;
    try {
      await this.database.unitOfWork.run(async (tx) => {
        const ended = await this.executions.settle(tx, executionIds);
        for (const execution of ended) await this.hooks.executionEnded(tx, execution);
      });
    } catch (error) {
      if (executionIds.length === 1) return this.onFailure(error);
      for (const id of executionIds) await this.settle([id]);
    }
  }
}

const AT_ONCE = 500;
