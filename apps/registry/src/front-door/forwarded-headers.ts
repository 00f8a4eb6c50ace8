import type { IncomingMessage } from 'node:http';
import type { PublicOrigin } from '../access/public-origin.js';

/**
 * Headers that mean one connection and not the message (RFC 9110, 7.6.1), and those that we set ourselves. `expect` is
 * answered by us; `upgrade` is not offered.
 */
const OURS = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'expect',
  'host',
  'forwarded',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-port',
  'x-forwarded-proto',
]);

/**
 * The headers of a request as core gets them, flat. Nobody but a trusted proxy can make core believe anything about
 * where the request came from.
 */
export function requestHeaders(request: IncomingMessage, origin: PublicOrigin, requestId: string): string[] {
  const named = namedByConnection(request.headers.connection);
  const headers = keep(request.rawHeaders, (name) => !OURS.has(name) && !named.has(name) && name !== 'x-request-id');
  const host = request.headers.host;
  if (host !== undefined) headers.push('host', host);
  const peer = request.socket.remoteAddress ?? '';
  const before = origin.isFromProxy(request) ? [request.headers['x-forwarded-for'] ?? []].flat() : [];
  headers.push('x-forwarded-for', [...before, peer].join(', '));
  headers.push('x-forwarded-proto', origin.schemeOf(request));
  const publicHost = origin.hostOf(request);
  if (publicHost !== null) headers.push('x-forwarded-host', publicHost);
  headers.push('x-request-id', requestId);
  return headers;
}

/** The headers of core's answer as the client gets them, flat and in their order. Lengths and several cookies stay. */
export function responseHeaders(raw: readonly string[]): string[] {
  const connection = raw.findIndex((text, index) => index % 2 === 0 && text.toLowerCase() === 'connection');
  const named = namedByConnection(connection < 0 ? undefined : raw[connection + 1]);
  return keep(raw, (name) => !HOP_BY_HOP.has(name) && !named.has(name));
}

const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** `Connection: x-a, close` makes `x-a` a header of this connection too. */
function namedByConnection(value: string | undefined): ReadonlySet<string> {
  return new Set((value ?? '').split(',').map((name) => name.trim().toLowerCase()));
}

function keep(raw: readonly string[], isKept: (lowerCaseName: string) => boolean): string[] {
  const kept: string[] = [];
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = raw[index] ?? '';
    if (isKept(name.toLowerCase())) kept.push(name, raw[index + 1] ?? '');
  }
  return kept;
}
