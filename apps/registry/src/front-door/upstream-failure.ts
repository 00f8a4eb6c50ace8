import { SilentClientError } from '../server/client.errors.js';

/** Why core did not answer, in the words of HTTP. */
export interface UpstreamFailure {
  readonly status: 400 | 408 | 502 | 503 | 504;
  /** Harbor's error body: `errors[].code`. */
  readonly code: 'BAD_REQUEST' | 'REQUEST_TIMEOUT' | 'BAD_GATEWAY' | 'SERVICE_UNAVAILABLE' | 'GATEWAY_TIMEOUT';
  readonly message: string;
  readonly cause: unknown;
}

/** Nobody listens, or the machine that should is not there: it may be in a moment. */
const AWAY = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);
const TOO_SLOW = new Set(['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT']);
/** A header or path that Node let in and no HTTP client would send on. */
const UNSENDABLE = new Set(['UND_ERR_INVALID_ARG', 'UND_ERR_NOT_SUPPORTED', 'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH']);

export function upstreamFailure(cause: unknown): UpstreamFailure {
  const code = (cause as NodeJS.ErrnoException | null)?.code ?? '';
  if (cause instanceof SilentClientError)
    return { status: 408, code: 'REQUEST_TIMEOUT', message: cause.message, cause };
  if (UNSENDABLE.has(code))
    return { status: 400, code: 'BAD_REQUEST', message: 'the request cannot be passed on', cause };
  if (AWAY.has(code))
    return { status: 503, code: 'SERVICE_UNAVAILABLE', message: 'the API is not up; try again in a moment', cause };
  if (TOO_SLOW.has(code))
    return { status: 504, code: 'GATEWAY_TIMEOUT', message: 'the API did not answer in time', cause };
  return { status: 502, code: 'BAD_GATEWAY', message: 'the API broke the connection off', cause };
}
