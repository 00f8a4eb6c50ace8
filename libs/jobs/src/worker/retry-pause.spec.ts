import { describe, expect, it } from '@jest/globals';
import { postponedPauseSeconds, retryPauseSeconds } from './retry-pause.js';

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

describe('postponedPauseSeconds', () => {
  it('is never less than what was asked for, and longer each time', () => {
    expect([1, 2, 3, 8, 1_000].map((runs) => postponedPauseSeconds(0, runs, 0))).toEqual([5, 10, 20, 600, 600]);
    expect(postponedPauseSeconds(300, 1, 0)).toBe(300);
    expect(postponedPauseSeconds(300, 1, 1)).toBe(375);
  });
});
