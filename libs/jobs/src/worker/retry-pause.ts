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
