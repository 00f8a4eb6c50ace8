import { describe, expect, it } from '@jest/globals';
import type { IncomingMessage } from 'node:http';
import { PublicOrigin } from '../access/public-origin.js';
import { TrustedProxies } from '../access/trusted-proxies.js';
import { requestHeaders, responseHeaders } from './forwarded-headers.js';

const origin = new PublicOrigin(null, new TrustedProxies(['10.0.0.0/8']));

function forwarded(raw: readonly (readonly [string, string])[], remoteAddress = '203.0.113.9'): [string, string][] {
  const headers = Object.fromEntries(raw.map(([name, value]) => [name.toLowerCase(), value]));
  const request = { headers, rawHeaders: raw.flat(), socket: { remoteAddress } } as unknown as IncomingMessage;
  return pairs(requestHeaders(request, origin, 'id-1'));
}

function pairs(flat: readonly string[]): [string, string][] {
  return flat.flatMap((name, index): [string, string][] =>
    index % 2 === 0 ? [[name.toLowerCase(), flat[index + 1] ?? '']] : [],
  );
}

describe('requestHeaders', () => {
  it('passes on what means the message, several cookies and credentials included', () => {
    const headers = forwarded([
      ['Host', 'hub:8080'],
      ['Authorization', 'Basic eA=='],
      ['Cookie', 'a=1'],
      ['Cookie', 'b=2'],
    ]);
    expect(headers).toContainEqual(['authorization', 'Basic eA==']);
    expect(headers.filter(([name]) => name === 'cookie')).toHaveLength(2);
    expect(headers).toContainEqual(['host', 'hub:8080']);
  });

  it('drops what means one connection, and what the client declares to mean it', () => {
    const headers = forwarded([
      ['Host', 'hub'],
      ['Connection', 'keep-alive, X-Secret-Hop'],
      ['Keep-Alive', 'timeout=5'],
      ['Transfer-Encoding', 'chunked'],
      ['Upgrade', 'websocket'],
      ['TE', 'trailers'],
      ['Expect', '100-continue'],
      ['X-Secret-Hop', '1'],
    ]);
    const names = headers.map(([name]) => name).sort();
    expect(names).toEqual(['host', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-request-id']);
  });

  it('lets no client say where it comes from', () => {
    const headers = forwarded([
      ['Host', 'hub:8080'],
      ['X-Forwarded-For', '127.0.0.1'],
      ['X-Forwarded-Host', 'evil.example'],
      ['X-Forwarded-Proto', 'https'],
      ['Forwarded', 'for=127.0.0.1'],
      ['X-Request-Id', 'theirs'],
    ]);
    expect(headers).toContainEqual(['x-forwarded-for', '203.0.113.9']);
    expect(headers).toContainEqual(['x-forwarded-host', 'hub:8080']);
    expect(headers).toContainEqual(['x-forwarded-proto', 'http']);
    expect(headers).toContainEqual(['x-request-id', 'id-1']);
    expect(headers.filter(([name]) => name === 'x-forwarded-for' || name === 'forwarded')).toHaveLength(1);
  });

  it('adds to what a trusted proxy says', () => {
    const headers = forwarded(
      [
        ['Host', 'inner'],
        ['X-Forwarded-For', '198.51.100.1'],
        ['X-Forwarded-Host', 'hub.example'],
        ['X-Forwarded-Proto', 'https'],
      ],
      '10.0.0.2',
    );
    expect(headers).toContainEqual(['x-forwarded-for', '198.51.100.1, 10.0.0.2']);
    expect(headers).toContainEqual(['x-forwarded-host', 'hub.example']);
    expect(headers).toContainEqual(['x-forwarded-proto', 'https']);
  });
});

describe('responseHeaders', () => {
  it('keeps cookies apart and lengths as they are', () => {
    const raw = ['Set-Cookie', 'a=1', 'Set-Cookie', 'b=2', 'Content-Length', '5', 'ETag', '"x"'];
    expect(responseHeaders(raw)).toEqual(raw);
  });

  it('drops what means the connection to core', () => {
    const raw = ['Connection', 'close, X-Hop', 'X-Hop', '1', 'Transfer-Encoding', 'chunked', 'Keep-Alive', 'timeout=5'];
    expect(responseHeaders(raw)).toEqual([]);
  });
});
