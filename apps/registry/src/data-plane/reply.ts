import type { Digest } from '@breakwater/oci';
import type { Exchange } from './exchange.js';

export const JSON_TYPE = 'application/json';

/** 200 with a JSON document. Never `; charset=`: clients compare content types as text. */
export function replyJson(exchange: Exchange, document: unknown, headers: readonly string[] = []): void {
  replyText(exchange, JSON_TYPE, JSON.stringify(document), headers);
}

export function replyText(exchange: Exchange, type: string, text: string, headers: readonly string[] = []): void {
  const bytes = Buffer.from(text);
  exchange.reply(200, ['Content-Type', type, 'Content-Length', String(bytes.length), ...headers], bytes);
}

/** An answer that is all head: 201, 202. */
export function replyEmpty(exchange: Exchange, status: 201 | 202, headers: readonly string[]): void {
  exchange.reply(status, ['Content-Length', '0', ...headers]);
}

/** 204, which must not have a `Content-Length` (RFC 9110, 8.6). */
export function replyNoContent(exchange: Exchange, headers: readonly string[]): void {
  exchange.reply(204, headers);
}

/** What a digest names never changes; who may read it does. Hence private, unless everybody may. */
export function immutableCaching(isPublic: boolean): string {
  return isPublic ? 'public, max-age=31536000, immutable' : 'private, max-age=31536000, immutable';
}

export function etagOf(digest: Digest): string {
  return `"${digest}"`;
}

/**
 * Does `If-None-Match` name what we would send? Harbor's clients send the digest without quotes as well.
 *
 * @see RFC 9110, section 13.1.2
 */
export function isNotModified(ifNoneMatch: string | undefined, digest: Digest): boolean {
  if (ifNoneMatch === undefined) return false;
  return ifNoneMatch.split(',').some((entry) => {
    const tag = entry.trim().replace(/^W\//, '');
    return tag === '*' || tag === digest || tag === etagOf(digest);
  });
}
