import {
  DataPlanePath,
  ociErrorOf,
  RangeOutOfOrderError,
  UnsatisfiableRangeError,
  unsatisfiedContentRange,
  uploadRange,
  type Route,
} from '@breakwater/oci';
import { AccessRefusedError } from '../access/access.errors.js';
import { formatChallenge } from '../access/challenge.js';
import { ClientAbortedError } from '@breakwater/storage';
import { SilentClientError } from '../server/client.errors.js';
import { JSON_TYPE } from './reply.js';
import type { Exchange } from './exchange.js';
import { MethodNotAllowedError } from './method.errors.js';
import { TooManyTagsError } from './unknown.errors.js';

/** Answers with what went wrong: status and body by the one table of `libs/oci`, and the headers that go with it. */
export function replyError(exchange: Exchange, route: Route | null, error: unknown, origin: () => string | null): void {
  const { status, body, retryAfterSeconds } = ociErrorOf(error, exchange.requestId);
  const bytes = Buffer.from(body);
  const headers = ['Content-Type', JSON_TYPE, 'Content-Length', String(bytes.length), 'Cache-Control', 'no-store'];
  if (retryAfterSeconds !== null) headers.push('Retry-After', String(retryAfterSeconds));
  headers.push(...particulars(error, route, origin));
  if (isSilence(error)) exchange.hangUpAfterReply();
  exchange.reply(statusOf(error) ?? status, headers, bytes);
}

/** What HTTP has a better word for than the table, whose statuses are those of the spec. */
function statusOf(error: unknown): number | null {
  if (isSilence(error)) return REQUEST_TIMEOUT;
  return error instanceof TooManyTagsError ? URI_TOO_LONG : null;
}

const REQUEST_TIMEOUT = 408;
const URI_TOO_LONG = 414;

/** The client is there and sends nothing: as our reader of the body says it, or as the storage does. */
function isSilence(error: unknown): boolean {
  return error instanceof SilentClientError || error instanceof ClientAbortedError;
}

/** The headers that only one kind of refusal has. */
function particulars(error: unknown, route: Route | null, origin: () => string | null): string[] {
  if (error instanceof AccessRefusedError) return challenge(error, origin());
  if (error instanceof MethodNotAllowedError) return ['Allow', error.allowed.join(', ')];
  if (error instanceof UnsatisfiableRangeError) return ['Content-Range', unsatisfiedContentRange(error.sizeBytes)];
  if (error instanceof RangeOutOfOrderError && route?.kind === 'upload') {
    // The session lives on: where, and from which byte.
    return [
      ...['Location', DataPlanePath.upload(route.name, route.uploadId)],
      ...['Range', uploadRange(error.received)],
      ...['Docker-Upload-UUID', route.uploadId],
    ];
  }
  return [];
}

/** Without a believable host there is no realm to send the client to; RFC 9110 wants a challenge all the same. */
function challenge(error: AccessRefusedError, origin: string | null): string[] {
  const value =
    origin === null
      ? 'Basic realm="breakwater"'
      : formatChallenge({ origin, scopes: error.scopes, error: error.challengeError });
  return ['WWW-Authenticate', value];
}
