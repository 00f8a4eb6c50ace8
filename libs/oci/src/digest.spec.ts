import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Digest, DigestAlgorithm, InvalidDigestError, UnsupportedDigestAlgorithmError } from './digest.js';
import { digests, hexOf, hostileTexts } from '../testing/arbitraries.js';

const hex = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08';

describe('Digest', () => {
  it.each([
    ['no algorithm', hex],
    ['no hex', 'sha256:'],
    ['the conformance suite’s bad digest', 'sha256:baddigeststring'],
    ['upper-case hex, which would be a second name for the same content', `sha256:${hex.toUpperCase()}`],
    ['an upper-case algorithm', `SHA256:${hex}`],
    ['one character short', `sha256:${hex.slice(1)}`],
    ['one character long', `sha256:${hex}0`],
    ['the length of the other algorithm', `sha512:${hex}`],
    ['an algorithm we do not compute', 'md5:d41d8cd98f00b204e9800998ecf8427e'],
    ['an algorithm with separators', `sha256+b64u:${hex}`],
    ['a line feed at the end', `sha256:${hex}\n`],
    ['a space in front', ` sha256:${hex}`],
    ['digits of another script', `sha256:${'٠'.repeat(64)}`],
    ['an encoded colon', `sha256%3A${hex}`],
    ['nothing', ''],
  ])('refuses %s', (_, text) => {
    expect(Digest.find(text)).toBeNull();
    expect(() => Digest.parse(text)).toThrow(InvalidDigestError);
  });

  it('takes sha512 by its own length', () => {
    const digest = Digest.parse(`sha512:${hex}${hex}`);
    expect([Digest.algorithm(digest), Digest.encoded(digest)]).toEqual(['sha512', hex + hex]);
  });

  it('comes apart into what it was made of', () => {
    fc.assert(
      fc.property(digests, (digest) => {
        expect(Digest.parse(digest)).toBe(digest);
        expect(Digest.of(Digest.algorithm(digest), Digest.encoded(digest))).toBe(digest);
        expect(`${Digest.algorithm(digest)}:${Digest.encoded(digest)}`).toBe(digest);
      }),
    );
  });

  it('takes only the canonical form, whatever the text', () => {
    fc.assert(
      fc.property(hostileTexts, (text) => {
        const [algorithm, encoded, ...more] = text.split(':');
        const length = algorithm === 'sha256' ? 64 : algorithm === 'sha512' ? 128 : -1;
        const isCanonical =
          more.length === 0 && encoded?.length === length && [...encoded].every((c) => '0123456789abcdef'.includes(c));
        expect(Digest.is(text)).toBe(isCanonical);
      }),
      { numRuns: 500 },
    );
  });

  it('refuses to be made from hex of the wrong length', () => {
    fc.assert(
      fc.property(
        fc.nat(200).filter((length) => length !== 64),
        fc.gen(),
        (length, gen) => {
          const encoded = gen(hexOf, length);
          expect(() => Digest.of('sha256', encoded)).toThrow(InvalidDigestError);
        },
      ),
    );
  });

  it('does not echo a megabyte of what was sent', () => {
    const error = new InvalidDigestError('x'.repeat(1_000_000));
    expect(error.message.length + JSON.stringify(error.detail).length).toBeLessThan(500);
  });
});

describe('DigestAlgorithm', () => {
  it('knows the two we compute and refuses the rest by their own code', () => {
    expect(['sha256', 'sha512'].map((text) => DigestAlgorithm.parse(text))).toEqual(['sha256', 'sha512']);
    for (const text of ['sha384', 'SHA256', '', 'constructor']) {
      expect(() => DigestAlgorithm.parse(text)).toThrow(UnsupportedDigestAlgorithmError);
    }
  });
});
