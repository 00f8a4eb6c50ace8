import { describe, expect, it } from '@jest/globals';
import { Digest, MediaType, isBlobChild } from '@breakwater/oci';
import { MANIFEST_TYPES } from './blob-attachment.js';

describe('MANIFEST_TYPES', () => {
  it.each(Object.values(MediaType))('says of %s what isBlobChild says', (mediaType) => {
    const digest = Digest.of('sha256', 'a'.repeat(64));
    const isBlob = isBlobChild({ mediaType, digest, sizeBytes: 1, hasData: false });
    expect(MANIFEST_TYPES.includes(mediaType)).toBe(!isBlob);
  });
});
