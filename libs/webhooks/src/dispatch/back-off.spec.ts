import { describe, expect, it } from '@jest/globals';
import { backOffMs, readRetryAfter } from './back-off.js';

const OPTIONS = { firstMs: 5_000, longestMs: 3_600_000 };
const NOW = new Date('2026-09-21T10:00:00Z');

describe('backOffMs', () => {
  it('is four times as long after each attempt, up to the longest', () => {
    const pauses = [1, 2, 3, 4, 5, 6, 500].map((attempt) => backOffMs(attempt, null, OPTIONS, 0));
    expect(pauses).toEqual([5_000, 20_000, 80_000, 320_000, 1_280_000, 3_600_000, 3_600_000]);
  });

  it('is up to a quarter less by chance', () => {
    expect(backOffMs(1, null, OPTIONS, 0.999_999)).toBe(3_750);
  });

  it('is at least what the target asks for, but not more than an hour', () => {
    expect(backOffMs(1, 60_000, OPTIONS, 0)).toBe(60_000);
    expect(backOffMs(3, 60_000, OPTIONS, 0)).toBe(80_000);
    expect(backOffMs(1, 1e12, OPTIONS, 0)).toBe(3_600_000);
  });
});

describe('readRetryAfter', () => {
  it.each([
    ['120', 120_000],
    [' 0 ', 0],
    ['Mon, 21 Sep 2026 10:00:30 GMT', 30_000],
    ['Mon, 21 Sep 2026 09:00:00 GMT', 0],
    ['soon', null],
    ['-5', 0],
    ['', null],
    [undefined, null],
  ])('reads %j', (header, expected) => {
    const read = readRetryAfter(header, NOW);
    // A negative number is a date to the parser of dates, of long ago.
    expect(read).toBe(expected);
  });
});
