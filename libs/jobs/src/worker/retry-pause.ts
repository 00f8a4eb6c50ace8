import type { JobTypeSettings } from '../job-types.js';

/**
 * How long a task waits before its next run: doubled each time, bounded, give or take a quarter, so that what failed
 * together does not come back together.
 *
 * @param failures  so far, this one included.
 * @param random  between 0 and 1.
 */
export function retryPauseSeconds(
  { firstPauseSeconds, longestPauseSeconds }: Pick<JobTypeSettings, 'firstPauseSeconds' | 'longestPauseSeconds'>,
  failures: number,
  random: number,
): number {
  const pause = Math.min(longestPauseSeconds, firstPauseSeconds * 2 ** Math.min(failures - 1, 30));
  return pause * (0.75 + random / 2);
}

/**
 * How long a task waits that was put off: never less than was asked for, and the longer the oftener it has come in vain,
 * so that thousands of them wait for an hour at little cost.
 *
 * @param runs  so far, this one included.
 * @param random  between 0 and 1.
 */
export function postponedPauseSeconds(askedSeconds: number, runs: number, random: number): number {
  const pause = Math.min(LONGEST_POSTPONED_SECONDS, FIRST_POSTPONED_SECONDS * 2 ** Math.min(runs - 1, 30));
  return Math.max(askedSeconds, pause) * (1 + random / 4);
}

const FIRST_POSTPONED_SECONDS = 5;
const LONGEST_POSTPONED_SECONDS = 600;
