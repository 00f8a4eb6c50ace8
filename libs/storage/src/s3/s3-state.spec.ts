import { describe, expect, it } from '@jest/globals';
import { MOST_PARTS, completeS3State, newS3State, partSizeFor, partsBytesOf, withParts, withTail } from './s3-state.js';

const MIB = 2 ** 20;
const GIB = 2 ** 30;

describe('partSizeFor', () => {
  it.each([
    [undefined, undefined, 8 * MIB],
    [0, undefined, 8 * MIB],
    [80_000 * MIB, undefined, 8 * MIB],
    [80_000 * MIB + 1, undefined, 9 * MIB],
    [GIB, 16 * MIB, 16 * MIB],
    [1024 * GIB, 16 * MIB, 105 * MIB],
  ])('%p bytes with usual parts of %p go in parts of %p', (expected, usual, partSizeBytes) => {
    expect(partSizeFor(expected, usual)).toBe(partSizeBytes);
    expect(Math.ceil((expected ?? 0) / partSizeBytes)).toBeLessThanOrEqual(MOST_PARTS);
  });
});

describe('S3State', () => {
  it('lets parts swallow the tail, and a tail replace another', () => {
    const fresh = newS3State(10);
    const first = withTail(fresh, { key: 'k.tail/1', sizeBytes: 4 });
    const second = withTail(first, { key: 'k.tail/2', sizeBytes: 7 });
    expect(second).toMatchObject({ sizeBytes: 7, tail: { key: 'k.tail/2' }, superseded: ['k.tail/1'] });
    const parts = withParts(second, 'upload', ['e1', 'e2']);
    expect(parts).toMatchObject({ sizeBytes: 20, tail: null, superseded: ['k.tail/1', 'k.tail/2'] });
    expect(partsBytesOf(parts)).toBe(20);
    expect(withTail(parts, { key: 'k.tail/3', sizeBytes: 1 }).sizeBytes).toBe(21);
  });

  it('keeps the tail when an upload was begun but no part was stored', () => {
    const tail = { key: 'k.tail/1', sizeBytes: 4 };
    expect(withParts(withTail(newS3State(10), tail), 'upload', [])).toMatchObject({
      uploadId: 'upload',
      tail,
      sizeBytes: 4,
    });
  });

  it('has another revision for every other content, and only then', () => {
    const states = [newS3State(10)];
    states.push(withTail(states[0] ?? newS3State(10), { key: 'k.tail/1', sizeBytes: 4 }));
    states.push(withParts(states[1] ?? newS3State(10), 'upload', ['e1']));
    expect(new Set(states.map((state) => state.revision)).size).toBe(3);
    const last = states[2] ?? newS3State(10);
    expect(withParts(last, 'upload', []).revision).toBe(last.revision);
    expect(completeS3State(last, 10)).toMatchObject({ revision: last.revision, sizeBytes: 10, isComplete: true });
  });
});
