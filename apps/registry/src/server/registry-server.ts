import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';

/** Some credentials are whole identity tokens: Node's default of 16 KiB for all headers is too little. */
const MAX_HEADER_BYTES = 64 * 1024;
/** Longer than the idle time of the usual load balancers (60 s), so that they hang up first. */
const KEEP_ALIVE_MS = 75_000;
/** The head of a request must be complete within this. Bodies have no total limit, only an idle one. */
const HEADERS_MS = 30_000;

/** Who serves what arrives on the one port. */
export interface Listeners {
  /** Everything under /v2. The second is for requests that wait for `100 Continue`. */
  readonly dataPlane: RequestListener;
  readonly dataPlaneAwaitingContinue: RequestListener;
  readonly others: RequestListener;
  readonly othersAwaitingContinue: RequestListener;
}

/**
 * The process's HTTP server. The data plane stands in front of everything else: Node's parser, one comparison, and our
 * handler (docs/adr/0004).
 */
export function createRegistryServer(listeners: Listeners): Server {
  const server = createServer({
    maxHeaderSize: MAX_HEADER_BYTES,
    keepAliveTimeout: KEEP_ALIVE_MS,
    headersTimeout: HEADERS_MS,
    requestTimeout: 0,
    noDelay: true,
    // Duplicate Authorization or Host headers have no one meaning; Node answers 400 to the latter by itself.
    requireHostHeader: true,
  });
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    (isDataPlane(request.url) ? listeners.dataPlane : listeners.others)(request, response);
  });
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    const { dataPlaneAwaitingContinue, othersAwaitingContinue } = listeners;
    (isDataPlane(request.url) ? dataPlaneAwaitingContinue : othersAwaitingContinue)(request, response);
  });
  return server;
}

/**
 * Is this target the data plane's? Decided on the raw text, as everything after it. A target that is no path (an
 * absolute or an asterisk form) is the data plane's as well: its parser knows them and refuses what it must.
 */
export function isDataPlane(target: string | undefined): boolean {
  if (target === undefined || target.charCodeAt(0) !== SLASH) return true;
  if (!target.startsWith('/v2')) return false;
  const next = target.charCodeAt(3);
  return target.length === 3 || next === SLASH || next === QUESTION_MARK;
}

const SLASH = 0x2f;
const QUESTION_MARK = 0x3f;
