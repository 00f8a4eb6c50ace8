import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { contentRange, parseByteRange, unsatisfiedContentRange } from './byte-range.js';

describe('parseByteRange', () => {
  it.each([
    ['bytes=500-1499', { start: 500, end: 1500 }],
    ['bytes=500-', { start: 500, end: 2048 }],
    ['bytes=-500', { start: 1548, end: 2048 }],
    ['bytes=2000-5000', { start: 2000, end: 2048 }],
    ['bytes=0-0', { start: 0, end: 1 }],
    ['bytes=2047-2047', { start: 2047, end: 2048 }],
    ['bytes=-5000', { start: 0, end: 2048 }],
    ['BYTES=0-1', { start: 0, end: 2 }],
    ['bytes=0-99999999999999999999999', { start: 0, end: 2048 }],
    [`bytes=0-${'9'.repeat(400)}`, { start: 0, end: 2048 }],
  ])('of 2048 bytes, %s is one range', (header, range) => expect(parseByteRange(header, 2048)).toEqual(range));

  it.each([
    'bytes=500-0',
    'bytes=5000-10000',
    'bytes=2048-',
    'bytes=2048-2048',
    'bytes=-0',
    `bytes=${'9'.repeat(400)}-`,
  ])('of 2048 bytes, %s is unsatisfiable', (header) => expect(parseByteRange(header, 2048)).toBe('unsatisfiable'));

  it.each([
    ['no header', undefined],
    ['several ranges', 'bytes=0-1,5-6'],
    ['another unit', 'items=0-1'],
    ['no unit', '0-1'],
    ['no numbers', 'bytes=-'],
    ['nothing', ''],
    ['a sign', 'bytes=+1-2'],
    ['hex', 'bytes=0x1-2'],
    ['spaces', 'bytes= 0-1'],
    ['a line feed', 'bytes=0-1\n'],
  ])('sends the whole blob for %s', (_, header) => expect(parseByteRange(header, 2048)).toBeNull());

  it('sends an empty blob whole, because no range of it could be written down', () => {
    expect(['bytes=0-', 'bytes=-1', 'bytes=0-0', 'bytes=5-1'].map((header) => parseByteRange(header, 0))).toEqual(
      Array(4).fill(null),
    );
  });

  it('never leaves the blob, and never comes out empty', () => {
    const numbers = fc.oneof(fc.nat(50), fc.bigInt(0n, 10n ** 30n), fc.constant(''));
    fc.assert(
      fc.property(numbers, numbers, fc.nat(50), (first, last, sizeBytes) => {
        const range = parseByteRange(`bytes=${first}-${last}`, sizeBytes);
        if (range === null) expect(sizeBytes === 0 || (first === '' && last === '')).toBe(true);
        if (range === null || range === 'unsatisfiable') return;
        expect(range.start).toBeGreaterThanOrEqual(0);
        expect(range.end).toBeGreaterThan(range.start);
        expect(range.end).toBeLessThanOrEqual(sizeBytes);
        expect(contentRange(range, sizeBytes)).toBe(`bytes ${range.start}-${range.end - 1}/${sizeBytes}`);
      }),
      { numRuns: 1000 },
    );
  });

  it('picks the bytes that a naive reading of the header picks', () => {
    const bytes = Array.from({ length: 20 }, (_, index) => index);
    fc.assert(
      fc.property(fc.nat(30), fc.nat(30), (first, last) => {
        const range = parseByteRange(`bytes=${first}-${last}`, bytes.length);
        const picked = range === null || range === 'unsatisfiable' ? [] : bytes.slice(range.start, range.end);
        expect(picked).toEqual(bytes.filter((byte) => byte >= first && byte <= last));
        const tail = parseByteRange(`bytes=-${last}`, bytes.length);
        const tailPicked = tail === null || tail === 'unsatisfiable' ? [] : bytes.slice(tail.start, tail.end);
        expect(tailPicked).toEqual(last === 0 ? [] : bytes.slice(-last));
      }),
      { numRuns: 500 },
    );
  });

  it('never throws, whatever the header', () => {
    const headers = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: fc.constantFrom(...'bytes=0123456789-,/* ') }),
    );
    fc.assert(
      fc.property(headers, fc.maxSafeNat(), (header, sizeBytes) => {
        const range = parseByteRange(header, sizeBytes);
        if (range !== null && range !== 'unsatisfiable') expect(range.end).toBeLessThanOrEqual(sizeBytes);
      }),
      { numRuns: 1000 },
    );
  });

  it('writes the header of a 416 of its own, not that of the blob', () => {
    expect(unsatisfiedContentRange(2048)).toBe('bytes */2048');
  });
});
