import { DEFAULT_CONNECT_TIMEOUT_MS } from './connections/connections.js';
import {
  InvalidOutboundRequestError,
  OutboundBrokenAnswerError,
  OutboundError,
  OutboundTimeoutError,
  OutboundTlsError,
  OutboundUnreachableError,
} from './outbound.errors.js';
import type { OutboundLimits } from './outbound-request.js';

/** What the HTTP client threw, in our words. */
export function translateError(
  error: unknown,
  host: string,
  limits: OutboundLimits,
  connectTimeoutMs = DEFAULT_CONNECT_TIMEOUT_MS,
): OutboundError {
  const known = findOutboundError(error);
  if (known) return known;
  const code = codeOf(error);
  switch (code) {
    case 'UND_ERR_CONNECT_TIMEOUT':
      return new OutboundTimeoutError(host, 'connect', connectTimeoutMs, { cause: error });
    case 'UND_ERR_HEADERS_TIMEOUT':
      return new OutboundTimeoutError(host, 'headers', limits.headersTimeoutMs, { cause: error });
    case 'UND_ERR_BODY_TIMEOUT':
      return new OutboundTimeoutError(host, 'idle', limits.idleTimeoutMs, { cause: error });
    case 'UND_ERR_INVALID_ARG':
      // It names the header, and not its value.
      return new InvalidOutboundRequestError(error instanceof Error ? error.message : code);
    case 'UND_ERR_HEADERS_OVERFLOW':
      return new OutboundBrokenAnswerError(host, 'its headers are too large', { cause: error });
    case 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH':
      return new OutboundBrokenAnswerError(host, 'its length is not what it announced', { cause: error });
  }
  if (code.startsWith('HPE_') || (error instanceof Error && error.name === 'HTTPParserError'))
    return new OutboundBrokenAnswerError(host, 'it is no HTTP', { cause: error });
  if (isTlsCode(code)) return new OutboundTlsError(host, code, { cause: error });
  return new OutboundUnreachableError(host, UNREACHABLE[code] ?? `the connection failed (${code})`, { cause: error });
}

/** Ours may come wrapped: several addresses were tried, or the tunnel of a proxy was asked for. */
function findOutboundError(error: unknown): OutboundError | null {
  if (error instanceof OutboundError) return error;
  const inner = error instanceof AggregateError ? (error.errors as unknown[]) : [];
  return inner.find((one) => one instanceof OutboundError) ?? null;
}

function codeOf(error: unknown): string {
  const { code, errors } = (error ?? {}) as { code?: unknown; errors?: { code?: unknown }[] };
  const found = code ?? errors?.[0]?.code;
  return typeof found === 'string' ? found : 'unknown';
}

function isTlsCode(code: string): boolean {
  return /^(?:ERR_TLS_|ERR_SSL_|CERT_|SELF_SIGNED|DEPTH_ZERO|UNABLE_TO_|HOSTNAME_MISMATCH|INVALID_CA|UND_ERR_PRX_TLS|EPROTO)/.test(
    code,
  );
}

const UNREACHABLE: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the connection was refused',
  ECONNRESET: 'the connection was reset',
  EHOSTUNREACH: 'there is no way to it',
  ENETUNREACH: 'there is no way to it',
  ETIMEDOUT: 'it does not accept connections',
  UND_ERR_SOCKET: 'the connection was closed',
};
