import type { RunningTask } from '@breakwater/jobs';
import { AppError } from '@breakwater/errors';
import type { ScanHappening, ScanListener } from '@breakwater/scanner-client';

/**
 * Writes into the log of a task what its scanner does while it is waited for: enough to see where a scan stands and why,
 * and no more lines for a scan of an hour than for one of a minute. The first wait is told, and then ever fewer.
 */
export function diaryOf(task: Pick<RunningTask, 'log'>): ScanListener {
  let tellAfterMs = 0;
  return (happening) => {
    if (happening.kind === 'not-ready') {
      if (happening.waitedMs < tellAfterMs) return;
      tellAfterMs = Math.max(FIRST_TOLD_MS, 2 * happening.waitedMs);
    }
    task.log(lineOf(happening));
  };
}

const FIRST_TOLD_MS = 5_000;

function lineOf(happening: ScanHappening): string {
  if (happening.kind === 'retry') {
    const { operation, failures, mostFailures, pauseMs, error } = happening;
    const what = operation === 'submit' ? 'handing in the scan' : 'asking for the report';
    return `${what} failed, ${failures} of ${mostFailures}; once more in ${seconds(pauseMs)}: ${reasonOf(error)}`;
  }
  const after = `after ${times(happening.asked)} in ${seconds(happening.waitedMs)}`;
  if (happening.kind === 'received') return `received ${happening.sizeBytes} bytes ${after}`;
  const { status, pauseMs, hintSeconds, otherHost } = happening;
  const wish = hintSeconds === null ? '' : `, the scanner says ${hintSeconds} s`;
  const location = otherHost === null ? '' : `; it names ${otherHost}, which is not asked`;
  return `not ready (${status}) ${after}; asked again in ${seconds(pauseMs)}${wish}${location}`;
}

function times(asked: number): string {
  return asked === 1 ? 'one question' : `${asked} questions`;
}

function seconds(ms: number): string {
  return `${ms < 10_000 ? (ms / 1000).toFixed(1) : Math.round(ms / 1000)} s`;
}

/** The client's own errors are made to be shown. */
function reasonOf(error: unknown): string {
  return error instanceof AppError ? error.message : 'a mistake of ours; the log of jobservice has it';
}
