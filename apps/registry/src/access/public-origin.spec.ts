import { describe, expect, it } from '@jest/globals';
import type { IncomingMessage } from 'node:http';
import { PublicOrigin } from './public-origin.js';
import { TrustedProxies } from './trusted-proxies.js';

const PROXY = '10.0.0.2';

function request(headers: Record<string, string>, remoteAddress = '203.0.113.9'): IncomingMessage {
  return { headers, socket: { remoteAddress } } as unknown as IncomingMessage;
}

const derived = new PublicOrigin(null, new TrustedProxies(['10.0.0.0/8']));

describe('PublicOrigin', () => {
  it('is the configured address and nothing else, whatever the request claims', () => {
    const configured = new PublicOrigin('https://registry.example.com/', new TrustedProxies(['10.0.0.0/8']));
    const claims = { host: 'evil.example', 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'http' };
    expect(configured.of(request(claims, PROXY))).toBe('https://registry.example.com');
  });

  it('keeps the port that the client wrote', () => {
    expect(derived.of(request({ host: 'registry.local:8443' }))).toBe('http://registry.local:8443');
  });

  it.each(['[::1]:5000', '127.0.0.1', 'a.b-c_d.example'])('believes the host %s', (host) => {
    expect(derived.of(request({ host }))).toBe(`http://${host}`);
  });

  it.each([
    'evil.example"/x',
    'a b',
    'user@evil.example',
    'evil.example/path',
    'evil.example\\',
    '',
    ':80',
    'a:123456',
  ])('does not put %p into a challenge', (host) => {
    expect(derived.of(request({ host }))).toBeNull();
  });

  it('does not believe a forwarded host from anybody but a trusted proxy', () => {
    const headers = { host: 'inner:5000', 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https' };
    expect(derived.of(request(headers))).toBe('http://inner:5000');
  });

  it('believes a trusted proxy, port and scheme included', () => {
    const headers = { host: 'inner:5000', 'x-forwarded-host': 'hub.example:444', 'x-forwarded-proto': 'https' };
    expect(derived.of(request(headers, PROXY))).toBe('https://hub.example:444');
  });

  it('takes the first of several forwarded values: the one next to the client', () => {
    const headers = { host: 'inner', 'x-forwarded-host': 'hub.example, mid', 'x-forwarded-proto': 'https, http' };
    expect(derived.of(request(headers, PROXY))).toBe('https://hub.example');
  });

  it('checks what a trusted proxy says as strictly as anything', () => {
    expect(derived.of(request({ host: 'inner', 'x-forwarded-host': 'a"b' }, PROXY))).toBeNull();
    expect(derived.of(request({ host: 'inner', 'x-forwarded-proto': 'javascript' }, PROXY))).toBe('http://inner');
  });

  it('finds the client behind trusted proxies and is not fooled by what the client itself forwards', () => {
    const headers = { host: 'x', 'x-forwarded-for': '198.51.100.1, 203.0.113.5, 10.0.0.7' };
    expect(derived.clientAddressOf(request(headers, PROXY))).toBe('203.0.113.5');
    expect(derived.clientAddressOf(request(headers))).toBe('203.0.113.9');
  });
});
