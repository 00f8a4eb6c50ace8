import type { Route } from '@breakwater/oci';
import type { Logger, Metrics } from '@breakwater/observability';
import { CLIENT_CLOSED, type Exchange } from './exchange.js';

/** Call it once, when the answer is over. */
export type EndOfRequest = () => void;

/**
 * Counts every request and logs those that somebody will want to read: what changes something, and what is refused for
 * a reason. Reads that succeed, the 401 that every client asks for first and the 404 that tells it to upload are
 * logged at `debug` only; their number is in the metrics.
 */
export class RequestObserver {
  private receivedBytes = 0;
  private sentBytes = 0;
  private readonly flushing: NodeJS.Timeout;

  constructor(
    private readonly metrics: Metrics,
    private readonly log: Logger,
    private readonly isDebugging: boolean,
    private readonly clientAddressOf: (exchange: Exchange) => string,
  ) {
    const received = metrics.counter({
      name: 'registry_received_bytes_total',
      help: 'Bytes of request bodies under /v2.',
      labels: {},
    });
    const sent = metrics.counter({
      name: 'registry_sent_bytes_total',
      help: 'Bytes of answers under /v2.',
      labels: {},
    });
    // Adding to a counter costs more than the request line of a small answer: the sums go there once a second.
    this.flushing = setInterval(() => {
      received.add({}, this.receivedBytes);
      sent.add({}, this.sentBytes);
      this.receivedBytes = this.sentBytes = 0;
    }, 1000).unref();
  }

  /** @param route  null for a target that could not be read. */
  began(exchange: Exchange, route: Route | null): EndOfRequest {
    const label = route === null ? 'unreadable' : ROUTE_LABEL[route.kind];
    const finish = this.metrics.http.observeRequest(label, exchange.request.method ?? '');
    return () => {
      finish(exchange.status);
      this.receivedBytes += exchange.receivedBytes;
      this.sentBytes += exchange.sentBytes;
      if (this.isDebugging || isNoteworthy(exchange)) this.write(exchange);
    };
  }

  /** Ours to explain: the client is told nothing but the request id. */
  failed(exchange: Exchange, error: unknown): void {
    this.log.error('request failed', { ...this.factsOf(exchange), error });
  }

  close(): void {
    clearInterval(this.flushing);
  }

  private write(exchange: Exchange): void {
    const facts = this.factsOf(exchange);
    if (isNoteworthy(exchange)) this.log.info('request', facts);
    else this.log.debug('request', facts);
  }

  private factsOf(exchange: Exchange): object {
    const { request, requestId, status, receivedBytes, sentBytes, caller } = exchange;
    return {
      requestId,
      method: request.method,
      path: request.url?.split('?', 1)[0],
      status,
      principal: caller?.principal.name,
      client: this.clientAddressOf(exchange),
      userAgent: request.headers['user-agent']?.slice(0, 200),
      durationMs: Math.round(performance.now() - exchange.startedAt),
      receivedBytes,
      sentBytes,
    };
  }
}

function isNoteworthy({ request, status }: Exchange): boolean {
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  if (status === 401 || status === CLIENT_CLOSED) return false;
  return isRead ? status >= 400 && status !== 404 : true;
}

const ROUTE_LABEL = {
  base: '/v2/',
  catalog: '/v2/_catalog',
  manifest: '/v2/:name/manifests/:reference',
  blob: '/v2/:name/blobs/:digest',
  tags: '/v2/:name/tags/list',
  referrers: '/v2/:name/referrers/:digest',
  uploads: '/v2/:name/blobs/uploads/',
  upload: '/v2/:name/blobs/uploads/:id',
  extensions: '/v2/:name/_oci/ext/discover',
  'not-found': '/v2/*',
} as const satisfies Record<Route['kind'], string>;
