import { describe, expect, it } from '@jest/globals';
import {
  exceedsStorageLimit,
  formatSize,
  InvalidStorageLimitError,
  isStorageNearlyFull,
  parseStorageLimit,
  StorageLimitExceededError,
} from './storage-limit.js';

describe('storage limits', () => {
  it.each([-1, 1, 1024, 1125899906842624])('allows %p', (limit) => expect(parseStorageLimit(limit)).toBe(limit));

  it.each([0, -2, 1.5, 1125899906842625, Number.NaN, Number.POSITIVE_INFINITY])('refuses %p', (limit) => {
    expect(() => parseStorageLimit(limit)).toThrow(InvalidStorageLimitError);
  });

  it('are reached by the last byte and exceeded by the next', () => {
    expect(exceedsStorageLimit(100, 60, 40)).toBe(false);
    expect(exceedsStorageLimit(100, 60, 41)).toBe(true);
    expect(exceedsStorageLimit(100, 101, 0)).toBe(true);
    expect(exceedsStorageLimit(-1, 2 ** 52, 2 ** 52)).toBe(false);
  });

  it('warn from 85 per cent', () => {
    expect([84, 85, 100].map((used) => isStorageNearlyFull(100, used))).toEqual([false, true, true]);
    expect(isStorageNearlyFull(-1, 2 ** 50)).toBe(false);
  });
});

describe('formatSize', () => {
  it.each([
    [0, '0 B'],
    [1023, '1023 B'],
    [1024, '1.0 KiB'],
    [1536, '1.5 KiB'],
    [2 * 1024 ** 2, '2.0 MiB'],
    [22125149, '21.1 MiB'],
    [1024 ** 3, '1.0 GiB'],
    [1024 ** 5, '1.0 PiB'],
    [2048 * 1024 ** 5, '2048.0 PiB'],
  ])('%p bytes are %p', (bytes, text) => expect(formatSize(bytes)).toBe(text));

  it('words the refusal', () => {
    expect(new StorageLimitExceededError(2097152, 1153434, 22125149).message).toBe(
      'adding 21.1 MiB to the 1.1 MiB in use will exceed the configured upper limit of 2.0 MiB',
    );
  });
});
