import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { InvalidManifestError, MAX_MANIFEST_BYTES, ManifestTooLargeError } from './manifest-errors.js';
import { decodeManifest } from './manifest-json.js';

const decode = (text: string): unknown => decodeManifest(new TextEncoder().encode(text));
const nested = (levels: number): string => `${'{"a":'.repeat(levels - 1)}{}${'}'.repeat(levels - 1)}`;

describe('decodeManifest', () => {
  it('gives back what a client wrote, whatever stands in its strings', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue({ maxDepth: 5 })), (document) => {
        const text = JSON.stringify(document);
        expect(decode(text)).toEqual(JSON.parse(text));
      }),
    );
  });

  it('does not mistake brackets, commas and escapes inside strings for structure', () => {
    for (const string of ['[{,'.repeat(200_000), `"${'['.repeat(70)}`, `\\"${'['.repeat(70)}`, '"\\', '\\']) {
      const text = JSON.stringify({ a: string, [string]: [string, {}] });
      expect(decode(text)).toEqual(JSON.parse(text));
    }
  });

  it('goes 64 levels deep and no further', () => {
    expect(decode(nested(64))).toBeInstanceOf(Object);
    expect(() => decode(nested(65))).toThrow('nested deeper than 64 levels');
  });

  it.each([
    ['arrays without end', '['.repeat(MAX_MANIFEST_BYTES)],
    ['objects without end', '{"":'.repeat(MAX_MANIFEST_BYTES / 4)],
    ['a million empty objects', `{"a":[${'{},'.repeat(1_000_000)}{}]}`],
    ['a million numbers', `{"a":[${'0,'.repeat(1_000_000)}0]}`],
    ['closing brackets only', ']'.repeat(MAX_MANIFEST_BYTES)],
    ['a string that never closes', `{"${'a'.repeat(MAX_MANIFEST_BYTES - 2)}`],
    ['a string of backslashes that never closes', `{"${'\\'.repeat(MAX_MANIFEST_BYTES - 2)}`],
    ['quotes only', '"'.repeat(MAX_MANIFEST_BYTES)],
  ])('refuses %s', (_, text) => {
    expect(() => decode(text)).toThrow(InvalidManifestError);
  });

  it.each([
    ['a lone continuation byte', [0x7b, 0x22, 0x80, 0x22, 0x3a, 0x31, 0x7d]],
    ['an overlong slash', [0x7b, 0x22, 0xc0, 0xaf, 0x22, 0x3a, 0x31, 0x7d]],
    ['an encoded surrogate', [0x7b, 0x22, 0xed, 0xa0, 0x80, 0x22, 0x3a, 0x31, 0x7d]],
    ['UTF-16', [0xff, 0xfe, 0x7b, 0x00, 0x7d, 0x00]],
  ])('refuses what is not UTF-8: %s', (_, bytes) => {
    expect(() => decodeManifest(Uint8Array.from(bytes))).toThrow('the document is not UTF-8');
  });

  it('takes four megabytes and not one byte more', () => {
    const padded = `{"a":"${'x'.repeat(MAX_MANIFEST_BYTES - 8)}"}`;
    expect(decode(padded)).toHaveProperty('a');
    expect(() => decode(`${padded} `)).toThrow(ManifestTooLargeError);
  });
});
