import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** What a proxy may call a request: what fits into a log line and nothing that could break out of one. */
const ACCEPTABLE = /^[A-Za-z0-9._:-]{1,64}$/;

const PROCESS = randomBytes(6).toString('hex');
let count = 0;

/** The id under which a request is found in every log: the client's own where it sent a usable one. */
export function requestIdOf(request: IncomingMessage): string {
  const given = request.headers['x-request-id'];
  if (typeof given === 'string' && ACCEPTABLE.test(given)) return given;
  count = (count + 1) % Number.MAX_SAFE_INTEGER;
  return `${PROCESS}-${count.toString(36)}`;
}
