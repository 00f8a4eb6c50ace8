import { describe, expect, it } from '@jest/globals';
import { retryPauseSeconds } from './retry-pause.js';

const SETTINGS = { firstPauseSeconds: 10, longestPauseSeconds: 300 };

describe('retryPauseSeconds', () => {
  it('doubles with each failure, up to its longest', () => {
    const pauses = [1, 2, 3, 6, 7, 1_000].map((failures) => retryPauseSeconds(SETTINGS, failures, 0.5));
    expect(pauses).toEqual([10, 20, 40, 300, 300, 300]);
  });

  it('spreads what failed together over half of the pause', () => {
    expect(retryPauseSeconds(SETTINGS, 1, 0)).toBe(7.5);
    expect(retryPauseSeconds(SETTINGS, 1, 1)).toBe(12.5);
  });
});
