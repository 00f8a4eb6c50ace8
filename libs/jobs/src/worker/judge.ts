import { DatabaseContentionError, DatabaseUnavailableError } from '@breakwater/database';
import { AppError, type ErrorKind } from '@breakwater/errors';
import {
  LeaseLostError,
  TaskPostponedError,
  TaskStoppedError,
  TaskTimedOutError,
  WorkerEndingError,
} from '../jobs.errors.js';
import type { JobOutcome } from './job-handler.js';
import { postponedPauseSeconds, retryPauseSeconds } from './retry-pause.js';
import type { TaskRun } from './task-run.js';
import type { RunEnd, Verdict } from './task-run.repository.js';

/** Trying again will not help. */
const HOPELESS: readonly ErrorKind[] = ['invalid', 'not-found', 'precondition', 'forbidden'];

/**
 * What an error makes of a run: stopped, put off, tried again, given up.
 *
 * @param random  between 0 and 1, for the pause.
 * @returns null when the task is not this worker's any more: there is nothing to write.
 */
export function judge(run: TaskRun, error: unknown, random: number): RunEnd | null {
  const { signal } = run;
  // What a handler throws after it was told to end is not its fault.
  const cause: unknown = signal.aborted ? signal.reason : error;
  if (cause instanceof LeaseLostError) return null;
  if (cause instanceof TaskStoppedError) return end(run, 'stopped', 'stopped');
  if (cause instanceof WorkerEndingError) return end(run, 'back', '');
  if (cause instanceof DatabaseUnavailableError || cause instanceof DatabaseContentionError)
    return end(run, 'lost', messageOf(cause), 1 + random);
  if (cause instanceof TaskPostponedError && run.ageSeconds < run.settings.patienceSeconds)
    return end(run, 'postponed', cause.message, postponedPauseSeconds(cause.pauseSeconds, run.runCount, random));
  if (cause instanceof TaskPostponedError) return end(run, 'error', `given up: ${cause.message}`);
  const isHopeless = cause instanceof AppError && HOPELESS.includes(cause.kind);
  if (isHopeless || run.isLastAttempt) return end(run, 'error', messageOf(cause));
  return end(run, 'retry', messageOf(cause), retryPauseSeconds(run.settings, run.failureCount + 1, random));
}

/** The end of a run that did what it was for. */
export function successOf(run: TaskRun, { statusMessage = '' }: JobOutcome): RunEnd {
  return end(run, 'success', statusMessage);
}

/** Whether the process should write it to its own log: nobody foresaw it. */
export function isUnforeseen(error: unknown): boolean {
  return !(error instanceof AppError) || error.kind === 'internal';
}

/** Users read it: what is not one of our own errors may hold anything. */
function messageOf(error: unknown): string {
  if (error instanceof TaskTimedOutError || (error instanceof AppError && error.kind !== 'internal'))
    return error.message;
  return 'internal error; the log of jobservice has it';
}

function end(run: TaskRun, verdict: Verdict, message: string, pauseSeconds = 0): RunEnd {
  return { id: run.id, runCount: run.runCount, verdict, message, pauseSeconds };
}
