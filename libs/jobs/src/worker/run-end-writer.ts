import { AppError } from '@breakwater/errors';
import type { Database } from '@breakwater/database';
import { setTimeout as delay } from 'node:timers/promises';
import type { LogPiece, TaskLogRepository } from '../logs/task-log.repository.js';
import type { JobHooks } from '../tasks/job-hooks.js';
import { endedTaskOf, type EndedTaskRow } from '../tasks/task-row.js';
import type { FinalStatus } from '../executions/execution.js';
import type { VendorType } from '../job-types.js';
import type { RunEnd, TaskRunRepository } from './task-run.repository.js';

/** A run that has ended, and what it logged. */
export interface EndedRun {
  readonly type: VendorType;
  readonly end: RunEnd;
  readonly log: string | null;
}

/** Writes the ends of runs, those that come together in one statement. */
export class RunEndWriter {
  private waiting: Waiting[] = [];
  private isWriting = false;

  constructor(private readonly deps: RunEndWriterDependencies) {}

  /**
   * @returns whether the task was still this pool's. Waits for a database that is away, since the slot is not free
   * before the end is written; meanwhile the lease may run out, and then it is `false`.
   */
  write(run: EndedRun): Promise<boolean> {
    return new Promise((resolve) => {
      this.waiting.push({ run, resolve });
      if (this.isWriting) return;
      this.isWriting = true;
      setImmediate(() => void this.writeAll());
    });
  }

  private async writeAll(): Promise<void> {
    while (this.waiting.length > 0) await this.writeBatch(this.waiting.splice(0, AT_ONCE));
    this.isWriting = false;
  }

  /** Never rejects. */
  private async writeBatch(batch: readonly Waiting[]): Promise<void> {
    for (let pauseMs = 100; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
      try {
        const written = await this.store(batch.map(({ run }) => run));
        for (const { run, resolve } of batch) resolve(written.has(run.end.id));
        return;
      } catch (error) {
        const isAway = error instanceof AppError && error.kind === 'unavailable';
        // A hook does not like one of them: the others need not wait for it.
        if (!isAway && batch.length > 1) {
          for (const each of batch) await this.writeBatch([each]);
          return;
        }
        this.deps.onFailure(error);
        if (!isAway || this.deps.signal.aborted) {
          // Left to the lease: whoever finds it lost tries the same again.
          for (const { resolve } of batch) resolve(false);
          return;
        }
        await delay(pauseMs, undefined, { signal: this.deps.signal }).catch(() => undefined);
      }
    }
  }

  private async store(runs: readonly EndedRun[]): Promise<Set<number>> {
    const { database, hooks, tasks, logs, poolId } = this.deps;
    const pieces = runs.flatMap(({ end, log }): LogPiece[] => (log === null ? [] : [{ taskId: end.id, lines: log }]));
    const ends = runs.map(({ end }) => end);
    const needsUnit = pieces.length > 0 || runs.some(({ type }) => hooks.hasForTasks(type));
    const rows = needsUnit
      ? await database.unitOfWork.run(async (tx) => {
          const ended = await tasks.end(tx, poolId, ends);
          await logs.append(tx, pieces);
          await hooks.tasksEnded(tx, ended.filter(isFinal).map(endedTaskOf));
          return ended;
        })
      : await tasks.end(database, poolId, ends);
    return new Set(rows.map((row) => Number(row.id)));
  }
}

const FINAL: readonly string[] = ['Success', 'Error', 'Stopped'] satisfies FinalStatus[];

export function isFinal({ status }: Pick<EndedTaskRow, 'status'>): boolean {
  return FINAL.includes(status);
}

const AT_ONCE = 500;
const LONGEST_PAUSE_MS = 2_000;

interface Waiting {
  readonly run: EndedRun;
  readonly resolve: (isWritten: boolean) => void;
}

export interface RunEndWriterDependencies {
  readonly database: Database;
  readonly hooks: JobHooks;
  readonly tasks: TaskRunRepository;
  readonly logs: TaskLogRepository;
  readonly poolId: string;
  readonly onFailure: (error: unknown) => void;
  /** Aborted when the process ends: it waits for nothing any more. */
  readonly signal: AbortSignal;
}
