import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

export const REQUEST_ID_HEADER = 'X-Request-Id';

const MAX_LENGTH = 128;

/**
 * The id of a request, in its answer and in every line of the log: the caller's own if it is 1 to 128 visible ASCII
 * characters, or else a new UUID. Anything else could break a header or forge a line.
 */
export function requestIdOf(headers: IncomingHttpHeaders): string {
  const given = headers['x-request-id'];
  return typeof given === 'string' && given.length <= MAX_LENGTH && /^[\x21-\x7e]+$/.test(given) ? given : randomUUID();
}
