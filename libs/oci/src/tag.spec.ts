import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { hostileTexts, tags } from '../testing/arbitraries.js';
import { InvalidTagError, Tag } from './tag.js';

const ALPHABET = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-';

describe('Tag', () => {
  it.each([
    ['nothing', ''],
    ['a dot in front', '.INVALID_MANIFEST_NAME'],
    ['a dash in front', '-a'],
    ['129 characters', 'a'.repeat(129)],
    ['a plus, which Helm writes as an underscore', '1.0.0+build'],
    ['a colon', 'a:b'],
    ['a slash', 'a/b'],
    ['a line feed at the end', 'latest\n'],
    ['letters beyond ASCII', 'größe'],
  ])('refuses %s', (_, text) => {
    expect(Tag.find(text)).toBeNull();
    expect(() => Tag.parse(text)).toThrow(InvalidTagError);
  });

  it('takes every tag the rules can build', () => {
    fc.assert(fc.property(tags, (tag) => expect(Tag.parse(tag)).toBe(tag)));
  });

  it('takes nothing outside its alphabet and length', () => {
    fc.assert(
      fc.property(hostileTexts, (text) => {
        const isTag =
          text.length >= 1 && text.length <= 128 && [...text].every((c) => ALPHABET.includes(c)) && !/^[.-]/.test(text);
        expect(Tag.is(text)).toBe(isTag);
      }),
      { numRuns: 500 },
    );
  });

  it('keeps latest and Latest apart', () => {
    expect(Tag.parse('latest')).not.toBe(Tag.parse('Latest'));
  });
});
