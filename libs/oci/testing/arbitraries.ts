import fc from 'fast-check';
import { Digest, type DigestAlgorithm } from '../src/digest.js';
import type { RepositoryName } from '../src/repository-name.js';
import type { Tag } from '../src/tag.js';

/** Generators for the property tests of this lib: the grammars, built from their rules and not from our checks. */

const HEX = [...'0123456789abcdef'];
const LETTERS_AND_DIGITS = [...'abcdefghijklmnopqrstuvwxyz0123456789'];

export function textOf(alphabet: readonly string[], minLength: number, maxLength: number): fc.Arbitrary<string> {
  return fc.string({ unit: fc.constantFrom(...alphabet), minLength, maxLength });
}

export const hexOf = (length: number): fc.Arbitrary<string> => textOf(HEX, length, length);

export const digests: fc.Arbitrary<Digest> = fc
  .constantFrom<DigestAlgorithm>('sha256', 'sha512')
  .chain((algorithm) => hexOf(algorithm === 'sha256' ? 64 : 128).map((hex) => Digest.of(algorithm, hex)));

const joints = fc.oneof(fc.constantFrom('.', '_', '__'), textOf(['-'], 1, 6));

const components = fc
  .tuple(
    textOf(LETTERS_AND_DIGITS, 1, 8),
    fc.array(fc.tuple(joints, textOf(LETTERS_AND_DIGITS, 1, 8)), { maxLength: 3 }),
  )
  .map(([head, rest]) => head + rest.map(([joint, tail]) => joint + tail).join(''));

/** Among the components are the keywords of the routes, which are ordinary names as well. */
export const repositoryNames: fc.Arbitrary<RepositoryName> = fc
  .array(fc.oneof(components, fc.constantFrom('manifests', 'blobs', 'uploads', 'tags', 'list', 'referrers', 'v2')), {
    minLength: 1,
    maxLength: 5,
  })
  .map((parts) => parts.join('/').slice(0, 255))
  .filter((name) => /[a-z0-9]$/.test(name))
  .map((name) => name as RepositoryName);

const TAG_START = [...LETTERS_AND_DIGITS, ...'ABCXYZ_'];

export const tags: fc.Arbitrary<Tag> = fc
  .tuple(fc.constantFrom(...TAG_START), textOf([...TAG_START, '.', '-'], 0, 127))
  .map(([start, rest]) => (start + rest) as Tag);

/** Texts that are almost right, which is where checks go wrong. */
export const hostileTexts: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.string({ unit: 'grapheme-ascii', maxLength: 300 }),
  textOf([...'ab01._-/:@%AZ \\\0\n'], 0, 40),
  fc.tuple(digests, fc.string({ maxLength: 2 })).map(([digest, extra]) => digest + extra),
);
