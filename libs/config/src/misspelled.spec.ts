import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { editDistance, findMisspelled } from './misspelled.js';

describe('editDistance', () => {
  it.each([
    ['', 'abc', 3],
    ['kitten', 'sitting', 3],
    ['same', 'same', 0],
  ])('from %j to %j', (from, to, edits) => {
    expect(editDistance(from, to)).toBe(edits);
  });

  it('is symmetric, and zero for equal texts only', () => {
    const word = fc.stringMatching(/^[a-c]{0,6}$/);
    fc.assert(
      fc.property(word, word, (one, other) => {
        expect(editDistance(one, other)).toBe(editDistance(other, one));
        expect(editDistance(one, other) === 0).toBe(one === other);
      }),
    );
  });
});

describe('findMisspelled', () => {
  const known = ['BREAKWATER_PORT', 'BREAKWATER_HOST'];

  it('ignores names that are not ours, names far from any, and names beside the right one', () => {
    expect(findMisspelled(['XBREAKWATER_PORT', 'BREAKWATER_ELSEWHERE'], known)).toEqual([]);
    expect(findMisspelled(['BREAKWATER_PORTS', 'BREAKWATER_PORT'], known)).toEqual([]);
  });

  it('names the nearest', () => {
    expect(findMisspelled(['BREAKWATER_POTR'], known)).toEqual([{ name: 'BREAKWATER_POTR', meant: 'BREAKWATER_PORT' }]);
  });
});
