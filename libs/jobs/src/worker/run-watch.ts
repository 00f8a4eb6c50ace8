import type { Database } from '@breakwater/database';
import { LeaseLostError, TaskStoppedError } from '../jobs.errors.js';
import type { LogPiece, TaskLogRepository } from '../logs/task-log.repository.js';
import type { TaskRun } from './task-run.js';
import type { TaskRunRepository } from './task-run.repository.js';

/** Asks what became of the tasks that a worker runs, and writes down what they have told meanwhile. */
export class RunWatch {
  constructor(
    private readonly database: Database,
    private readonly tasks: TaskRunRepository,
    private readonly logs: TaskLogRepository,
    private readonly poolId: string,
  ) {}

  async look(runs: readonly TaskRun[]): Promise<void> {
    if (runs.length === 0) return;
    await this.interrupt(runs);
    await this.noteProgress(runs);
    await this.noteLogs(runs);
  }

  /** What is to be stopped, and what is not this worker's any more. */
  private async interrupt(runs: readonly TaskRun[]): Promise<void> {
    for (const { id, isLost } of await this.tasks.interrupted(this.database, this.poolId, runs)) {
      // Of the runs that were asked about: a lost task may have been begun again here meanwhile.
      const run = runs.find((each) => each.id === id);
      if (run && !run.isFinished) run.abort(isLost ? new LeaseLostError(id) : new TaskStoppedError(id));
    }
  }

  private async noteProgress(runs: readonly TaskRun[]): Promise<void> {
    const progress = runs.flatMap((run) => {
      const noted = run.takeProgress();
      return noted === null ? [] : [{ id: run.id, ...noted }];
    });
    if (progress.length > 0) await this.tasks.noteProgress(this.database, this.poolId, progress);
  }

  private async noteLogs(runs: readonly TaskRun[]): Promise<void> {
    const taken = runs.flatMap((run) => {
      const lines = run.logs.take();
      return lines === null ? [] : [{ run, taskId: run.id, lines }];
    });
    const storing = this.store(taken);
    // One that ends meanwhile waits for it with its last lines.
    for (const { run } of taken) run.logs.sentWith(storing);
    await storing;
  }

  private async store(taken: readonly TakenLines[]): Promise<void> {
    try {
      await this.logs.append(this.database, taken);
    } catch (error) {
      // A database that was away for a moment leaves no gap in a log.
      for (const { run, lines } of taken) run.logs.putBack(lines);
      throw error;
    }
  }
}

interface TakenLines extends LogPiece {
  readonly run: TaskRun;
}
