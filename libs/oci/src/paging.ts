import { AppError } from '@breakwater/errors';
import { excerpt, quoted } from './excerpt.js';
import { MAX_REPOSITORY_NAME_LENGTH } from './repository-name.js';
import type { RouteQuery } from './route/route-query.js';

/** One page of tags, repositories or referrers, as asked for. */
export interface PageRequest {
  /** Entries at most, 0 to MAX_PAGE_SIZE; null when the client did not say. With 0 there is no `Link` either. */
  readonly n: number | null;
  /** Only entries after this text in byte order. Need not exist, nor be a name. Never holds a NUL. */
  readonly last: string | null;
}

/** What more is asked for is answered with this many: a client must not choose our memory (CVE-2023-2253). */
export const MAX_PAGE_SIZE = 10_000;

/**
 * Reads `n` and `last`; empty ones count as absent.
 *
 * @throws InvalidPageSizeError  `n` is no decimal number.
 * @see OCI distribution-spec, "Listing Tags".
 */
export function parsePage(query: Pick<RouteQuery, 'get'>): PageRequest {
  return { n: parsePageSize(query.get('n') ?? ''), last: boundOf(query.get('last') ?? '') };
}

/**
 * The value of the `Link` header that leads to the next page, e.g. `</v2/a/b/tags/list?n=2&last=v1>; rel="next"`.
 *
 * @param path  relative to the host, made of checked names.
 * @param params  what the next request must say; replaces the same parameters of `asked`.
 * @param asked  the query of this request: what else the client sent (a filter) holds for the next page too.
 */
export function nextLink(
  path: string,
  params: Readonly<Record<string, string | number>>,
  asked: Pick<RouteQuery, 'entries'> | null = null,
): string {
  const kept = (asked?.entries() ?? []).filter(([name]) => !Object.hasOwn(params, name));
  const changed = Object.entries(params).map(([name, value]): [string, string] => [name, String(value)]);
  const query = new URLSearchParams([...kept, ...changed]).toString();
  return `<${path}${query === '' ? '' : `?${query}`}>; rel="next"`;
}

export class InvalidPageSizeError extends AppError {
  readonly code = 'PAGINATION_NUMBER_INVALID';
  readonly kind = 'invalid';
  constructor(text: string) {
    super(`n=${quoted(text)} is not a number of entries`, { n: excerpt(text) });
  }
}

function parsePageSize(text: string): number | null {
  if (text === '') return null;
  if (!/^\d+$/.test(text)) throw new InvalidPageSizeError(text);
  return Math.min(Number(text), MAX_PAGE_SIZE);
}

/**
 * No name is longer than MAX_REPOSITORY_NAME_LENGTH or holds a NUL, which PostgreSQL refuses in a parameter; so what
 * comes after either changes no comparison with a name and is cut off.
 */
function boundOf(text: string): string | null {
  const [before = ''] = text.split('\0', 1);
  return before === '' ? null : before.slice(0, MAX_REPOSITORY_NAME_LENGTH + 1);
}
