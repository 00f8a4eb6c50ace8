import { AppError } from '@breakwater/errors';
import type { Database, Transaction } from '@breakwater/database';
import type { JobHooks } from '../tasks/job-hooks.js';
import { endedTaskOf } from '../tasks/task-row.js';
import { isFinal } from './run-end-writer.js';
import type { LostTask, RunEnd, TaskRunRepository } from './task-run.repository.js';

/** Takes back what dead workers have left. Any replica may do so, several at once. */
export class LostTasks {
  constructor(
    private readonly database: Database,
    private readonly tasks: TaskRunRepository,
    private readonly hooks: JobHooks,
    private readonly onFailure: (error: unknown) => void,
  ) {}

  /** @returns how many were taken back or, too often lost, given up. */
  async takeBack(): Promise<number> {
    let total = 0;
    for (let atOnce = AT_ONCE; ;) {
      try {
        const count = await this.database.unitOfWork.run((tx) => this.takeSome(tx, atOnce));
        total += count;
        if (count < atOnce) return total;
      } catch (error) {
        if (error instanceof AppError && error.kind === 'unavailable') throw error;
        if (atOnce === 1) {
          this.onFailure(error);
          await this.postponeFirst();
        }
        atOnce = 1; // one of them cannot be ended; the others can
      }
    }
  }

  private async takeSome(tx: Transaction, limit: number): Promise<number> {
    const lost = await this.tasks.lockLost(tx, limit);
    for (const [poolId, ofPool] of Map.groupBy(lost, (task) => task.poolId)) {
      const rows = await this.tasks.end(tx, poolId, ofPool.map(endOf));
      await this.hooks.tasksEnded(tx, rows.filter(isFinal).map(endedTaskOf));
    }
    return lost.length;
  }

  private async postponeFirst(): Promise<void> {
    await this.database.unitOfWork.run(async (tx) => {
      const lost = await this.tasks.lockLost(tx, 1);
      await this.tasks.postpone(
        tx,
        lost.map(({ id }) => id),
        POSTPONED_SECONDS,
      );
    });
  }
}

const AT_ONCE = 100;
const POSTPONED_SECONDS = 60;
/** Whoever runs it dies: then it is the task. */
const MOST_LOSSES = 5;

function endOf({ id, runCount, lossCount }: LostTask): RunEnd {
  const losses = lossCount + 1;
  return losses >= MOST_LOSSES
    ? { id, runCount, verdict: 'error', message: `its worker was lost ${losses} times`, pauseSeconds: 0 }
    : { id, runCount, verdict: 'lost', message: 'its worker was lost', pauseSeconds: lossCount * LOSS_PAUSE_SECONDS };
}

const LOSS_PAUSE_SECONDS = 5;
