import { X509Certificate, createPrivateKey } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { selfSignedCertificate } from './self-signed-certificate.js';

describe('a certificate that nobody vouches for', () => {
  it('is sound, is for the host, and holds for a month', () => {
    const now = new Date('2026-11-21T12:00:00Z');
    const { key, cert } = selfSignedCertificate('fixture.example', now);
    const certificate = new X509Certificate(cert);
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    expect(certificate.checkPrivateKey(createPrivateKey(key))).toBe(true);
    expect(certificate.checkHost('fixture.example')).toBe('fixture.example');
    expect(new Date(certificate.validFrom)).toEqual(new Date('2026-11-20T12:00:00Z'));
    expect(new Date(certificate.validTo)).toEqual(new Date('2026-12-21T12:00:00Z'));
  });
});
