import { Digest } from '@breakwater/oci';
import { describe, expect, it } from '@jest/globals';
import { immutableCaching, isNotModified } from './reply.js';

const digest = Digest.of('sha256', 'a'.repeat(64));
const other = Digest.of('sha256', 'b'.repeat(64));

describe('isNotModified', () => {
  it.each([`"${digest}"`, digest, `W/"${digest}"`, `"${other}", "${digest}"`, '*'])('is for %s', (header) => {
    expect(isNotModified(header, digest)).toBe(true);
  });

  it.each([undefined, '', `"${other}"`, `"${digest.slice(0, -1)}"`])('is not for %s', (header) => {
    expect(isNotModified(header, digest)).toBe(false);
  });
});

describe('immutableCaching', () => {
  it('lets shared caches keep only what everybody may read', () => {
    expect(immutableCaching(true)).toMatch(/^public/);
    expect(immutableCaching(false)).toMatch(/^private/);
  });
});
