import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { InvalidDigestError } from './digest.js';
import { findReference, parseReference } from './reference.js';
import { InvalidTagError } from './tag.js';
import { digests, hostileTexts, tags } from '../testing/arbitraries.js';

describe('Reference', () => {
  it('calls what has a colon a digest, so that a bad one is 400 DIGEST_INVALID and not an unknown tag', () => {
    expect(() => parseReference('sha256:baddigeststring')).toThrow(InvalidDigestError);
    expect(() => parseReference('sha256:totallywrong')).toThrow(InvalidDigestError);
    expect(() => parseReference('.INVALID_MANIFEST_NAME')).toThrow(InvalidTagError);
  });

  it('is simply not found when it is read and cannot exist', () => {
    expect(findReference('sha256:baddigeststring')).toBeNull();
    expect(findReference('.INVALID_MANIFEST_NAME')).toBeNull();
  });

  it('tells the two kinds apart', () => {
    fc.assert(fc.property(digests, (digest) => expect(parseReference(digest)).toEqual({ kind: 'digest', digest })));
    fc.assert(fc.property(tags, (tag) => expect(parseReference(tag)).toEqual({ kind: 'tag', tag })));
  });

  it('is found exactly where it parses', () => {
    fc.assert(
      fc.property(fc.oneof(hostileTexts, digests, tags), (text) => {
        const found = findReference(text);
        if (found) expect(parseReference(text)).toEqual(found);
        else expect(() => parseReference(text)).toThrow();
      }),
      { numRuns: 500 },
    );
  });
});
