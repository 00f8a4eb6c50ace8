import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { digests, hostileTexts, tags } from '../testing/arbitraries.js';
import { pushed } from '../testing/manifests.js';
import { Digest } from './digest.js';
import { MediaType } from './manifest/media-types.js';
import {
  REFERRERS_CONTENT_TYPE,
  fallbackTag,
  findCosignTag,
  findFallbackPrefix,
  findFallbackSubject,
  referrersIndex,
} from './referrers.js';

const hex = '0123456789abcdef'.repeat(4);

describe('the referrers tag schema', () => {
  it('writes the tags of the spec’s own examples', () => {
    expect(fallbackTag(Digest.of('sha256', 'a'.repeat(64)))).toBe(`sha256-${'a'.repeat(64)}`);
    expect(fallbackTag(Digest.of('sha512', 'a'.repeat(128)))).toBe(`sha512-${'a'.repeat(64)}`);
  });

  it('leads back to a sha256 subject, and to the first half of a sha512 one', () => {
    fc.assert(
      fc.property(digests, (digest) => {
        const tag = fallbackTag(digest);
        expect(findFallbackSubject(tag)).toBe(Digest.algorithm(digest) === 'sha256' ? digest : null);
        expect(digest.startsWith(findFallbackPrefix(tag) ?? 'none')).toBe(true);
      }),
    );
  });

  it.each([
    'latest',
    hex,
    `sha256-${hex.toUpperCase()}`,
    `sha256-${hex.slice(1)}`,
    `sha256-${hex}0`,
    `sha256-${hex}.sig`,
    `sha256:${hex}`,
    `sha384-${hex}`,
    `x-sha256-${hex}`,
    `sha256-${hex}\n`,
  ])('takes %j for an ordinary tag', (tag) => {
    expect([findFallbackSubject(tag), findFallbackPrefix(tag)]).toEqual([null, null]);
  });

  it('finds a subject only in the tag that would be written for it', () => {
    fc.assert(
      fc.property(fc.oneof(hostileTexts, tags), (text) => {
        const subject = findFallbackSubject(text);
        if (subject) expect(fallbackTag(subject)).toBe(text);
        const cosign = findCosignTag(text);
        if (cosign) expect(text.startsWith(`${fallbackTag(cosign.subject)}.`)).toBe(true);
      }),
    );
  });
});

describe('findCosignTag', () => {
  it('tells what hangs on which subject', () => {
    const subject = Digest.of('sha256', hex);
    expect(['sig', 'att', 'sbom'].map((suffix) => findCosignTag(`sha256-${hex}.${suffix}`))).toEqual([
      { subject, role: 'signature' },
      { subject, role: 'attestation' },
      { subject, role: 'sbom' },
    ]);
  });

  it.each([
    `sha256-${hex}`,
    `sha256-${hex}.sigs`,
    `sha256-${hex}.SIG`,
    `sha512-${hex}.sig`,
    `sha256-${hex}.toString`,
    '.sig',
  ])('takes %j for an ordinary tag', (tag) => expect(findCosignTag(tag)).toBeNull());
});

describe('referrersIndex', () => {
  it('is an index with its media type in the body, also when nobody refers', () => {
    expect(JSON.parse(referrersIndex([]))).toEqual({ schemaVersion: 2, mediaType: MediaType.OciIndex, manifests: [] });
    expect(REFERRERS_CONTENT_TYPE).toBe('application/vnd.oci.image.index.v1+json');
  });

  it('says of each referrer what its manifest says, and nothing more', () => {
    const digest = Digest.of('sha256', hex);
    const bare = { mediaType: MediaType.OciIndex, digest, sizeBytes: 7, artifactType: null, annotations: {} };
    const full = { ...bare, artifactType: 'application/x', annotations: { a: 'b' } };
    expect(JSON.parse(referrersIndex([bare, full]))).toMatchObject({
      manifests: [
        { mediaType: MediaType.OciIndex, digest, size: 7 },
        { mediaType: MediaType.OciIndex, digest, size: 7, artifactType: 'application/x', annotations: { a: 'b' } },
      ],
    });
    expect(referrersIndex([bare])).not.toMatch(/artifactType|annotations|sizeBytes/);
  });

  it('is itself a manifest this registry takes', () => {
    const referrers = fc.record({
      mediaType: fc.constantFrom(MediaType.OciManifest, MediaType.OciIndex),
      digest: digests,
      sizeBytes: fc.maxSafeNat(),
      artifactType: fc.constantFrom(null, 'application/x'),
      annotations: fc.dictionary(fc.string(), fc.string(), { noNullPrototype: true }),
    });
    fc.assert(
      fc.property(fc.array(referrers, { maxLength: 5 }), (list) => {
        const index = pushed(referrersIndex(list), REFERRERS_CONTENT_TYPE);
        expect(index.children.map(({ digest, sizeBytes }) => [digest, sizeBytes])).toEqual(
          list.map(({ digest, sizeBytes }) => [digest, sizeBytes]),
        );
        expect(index.children.map((child) => child.annotations ?? {})).toEqual(list.map((entry) => entry.annotations));
      }),
    );
  });
});
