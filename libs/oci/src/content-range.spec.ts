import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  InvalidRangeError,
  RangeOutOfOrderError,
  parseContentRange,
  readContentRange,
  uploadRange,
} from './content-range.js';

describe('parseContentRange', () => {
  it.each([
    ['the spec’s form', '0-1023'],
    ['what old clients send', 'bytes 0-1023/*'],
    ['with a total', 'bytes 0-1023/4096'],
    ['with a unit only', 'bytes 0-1023'],
  ])('reads %s', (_, header) => expect(parseContentRange(header, 0)).toEqual({ start: 0, end: 1024 }));

  it('reads the range alone where nobody yet knows how far the upload is', () => {
    expect(readContentRange('1024-2047')).toEqual({ start: 1024, end: 2048 });
    expect(() => readContentRange('2047-1024')).toThrow(InvalidRangeError);
  });

  it('refuses a chunk that skips ahead or jumps back, and says where to go on', () => {
    expect(() => parseContentRange('2048-3071', 1024)).toThrow(RangeOutOfOrderError);
    expect(() => parseContentRange('0-1023', 1024)).toThrow('begins at byte 0, the upload goes on at byte 1024');
  });

  it.each([
    ['nothing', ''],
    ['what an empty chunk looks like to zot', '0--1'],
    ['the last before the first', '5-4'],
    ['no last', '0-'],
    ['no first', '-5'],
    ['a sign', '+0-5'],
    ['a fraction', '0-5.5'],
    ['the Range form', 'bytes=0-5'],
    ['another unit', 'items 0-5/*'],
    ['several ranges', '0-5,6-7'],
    ['a last beyond 2^53', '0-9007199254740991'],
    ['more digits than a number has', `0-${'9'.repeat(400)}`],
    ['an unknown range', 'bytes */1024'],
    ['a line feed', '0-5\n'],
    ['digits of another script', '٠-٥'],
  ])('refuses %s', (_, header) => expect(() => parseContentRange(header, 0)).toThrow(InvalidRangeError));

  it('gives back the chunk it was made from, when the chunk continues the upload', () => {
    const sizes = fc.integer({ min: 0, max: 2 ** 52 });
    fc.assert(
      fc.property(sizes, fc.integer({ min: 1, max: 2 ** 52 - 1 }), sizes, (start, length, received) => {
        const header = `${start}-${start + length - 1}`;
        expect(parseContentRange(header, start)).toEqual({ start, end: start + length });
        if (received !== start) expect(() => parseContentRange(header, received)).toThrow(RangeOutOfOrderError);
      }),
    );
  });

  it('answers any header with a range that continues the upload, or one of two errors', () => {
    const headers = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: fc.constantFrom(...'bytes 0123456789-/*') }),
      fc.tuple(fc.nat(20), fc.nat(20)).map(([first, last]) => `${first}-${last}`),
    );
    fc.assert(
      fc.property(headers, fc.nat(20), (header, received) => {
        try {
          const range = parseContentRange(header, received);
          expect(range.start).toBe(received);
          expect(Number.isSafeInteger(range.end) && range.end > range.start).toBe(true);
        } catch (error) {
          expect(error instanceof InvalidRangeError || error instanceof RangeOutOfOrderError).toBe(true);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('comes to an end on a header of a million digits', () => {
    expect(() => parseContentRange(`${'1'.repeat(1_000_000)}-${'1'.repeat(1_000_000)}x`, 0)).toThrow(InvalidRangeError);
  });
});

describe('uploadRange', () => {
  it('is 0-0 for an empty upload, never 0--1, on which docker fails', () => {
    expect([0, 1, 2, 1024].map(uploadRange)).toEqual(['0-0', '0-0', '0-1', '0-1023']);
  });

  it('is what the next chunk continues', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 52 }), (received) => {
        const next = Number(uploadRange(received).split('-')[1]) + 1;
        expect(parseContentRange(`${next}-${next}`, received)).toEqual({ start: received, end: received + 1 });
      }),
    );
  });
});
