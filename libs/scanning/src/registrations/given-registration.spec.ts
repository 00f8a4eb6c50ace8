import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseScannerAuth, parseScannerName, parseScannerUrl } from './given-registration.js';

describe('parseScannerUrl', () => {
  it.each([
    ['http://scanner:8080', 'http://scanner:8080'],
    [' https://Scanner.Example.com/ ', 'https://scanner.example.com'],
    ['https://example.com:443/scanners/one//', 'https://example.com/scanners/one'],
    ['http://example.com/api/v1', 'http://example.com'],
    ['http://example.com/base/api/v1/', 'http://example.com/base'],
  ])('reads %s as %s', (text, url) => expect(parseScannerUrl(text)).toBe(url));

  it.each([
    '',
    'scanner:8080',
    '//scanner',
    'ftp://scanner',
    'file:///etc/passwd',
    'http://user:secret@scanner',
    'http://scanner?x=1',
    'http://scanner/#x',
    `http://scanner/${'a'.repeat(600)}`,
  ])('refuses %s without repeating it', (text) => {
    expect(() => parseScannerUrl(text)).toThrow(expect.objectContaining({ code: 'INVALID_SCANNER' }));
    expect(() => parseScannerUrl(text)).not.toThrow(/secret/);
  });

  it('gives an address that reads as itself', () => {
    fc.assert(
      fc.property(fc.webUrl(), (text) => {
        const url = parseScannerUrl(text);
        expect(parseScannerUrl(url)).toBe(url);
      }),
    );
  });
});

describe('parseScannerName', () => {
  it.each(['', '  ', 'Trivy', ' Trivy ', 'a\nb', 'x'.repeat(129)])('refuses %j', (name) => {
    expect(() => parseScannerName(name)).toThrow(expect.objectContaining({ detail: { field: 'name' } }));
  });

  it('takes any other', () => expect(parseScannerName(' trivy – ours ')).toBe('trivy – ours'));
});

describe('parseScannerAuth', () => {
  const stored = { auth: 'Basic', credential: 'old:one' } as const;

  it.each([
    [{}, null, { auth: '', credential: null }],
    [{ auth: '', credential: 'left over' }, null, { auth: '', credential: null }],
    [{ auth: 'Basic', credential: 'ann:se:cret' }, null, { auth: 'Basic', credential: 'ann:se:cret' }],
    [{ auth: 'Bearer', credential: 'abc.def' }, null, { auth: 'Bearer', credential: 'abc.def' }],
    [{ auth: 'APIKey', credential: 'k' }, null, { auth: 'X-ScannerAdapter-API-Key', credential: 'k' }],
    [{ auth: 'Basic', credential: '' }, stored, stored],
    [{ auth: 'Basic', credential: 'new:one' }, stored, { auth: 'Basic', credential: 'new:one' }],
    [{ auth: null }, stored, { auth: '', credential: null }],
  ])('reads %j, having %j, as %j', (given, before, expected) => {
    expect(parseScannerAuth(given, before)).toEqual(expected);
  });

  it.each([
    [{ auth: 'basic', credential: 'a:b' }, 'auth'],
    [{ auth: 'Digest', credential: 'a:b' }, 'auth'],
    [{ auth: 'Basic' }, 'access_credential'],
    [{ auth: 'Bearer', credential: '' }, 'access_credential'],
    [{ auth: 'Basic', credential: 'nocolon' }, 'access_credential'],
    [{ auth: 'Basic', credential: ':password' }, 'access_credential'],
    [{ auth: 'Basic', credential: 'a:b\r\nX-Injected: 1' }, 'access_credential'],
    [{ auth: 'Bearer', credential: 'a b' }, 'access_credential'],
    [{ auth: 'X-ScannerAdapter-API-Key', credential: 'ä' }, 'access_credential'],
    [{ auth: 'Bearer', credential: 'x'.repeat(4097) }, 'access_credential'],
  ])('refuses %j for its %s, and never repeats a credential', (given, field) => {
    expect(() => parseScannerAuth(given, null)).toThrow(expect.objectContaining({ detail: { field } }));
    expect(() => parseScannerAuth(given, null)).not.toThrow(/Injected|nocolon|xxx/);
  });

  it('keeps no credential for another kind', () => {
    expect(() => parseScannerAuth({ auth: 'Bearer' }, stored)).toThrow('it is needed for auth Bearer');
  });
});
