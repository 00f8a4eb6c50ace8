import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Logger } from '../log/logger.js';
import { requestIdFrom, runInContext } from '../log/request-context.js';
import type { RequestFinisher } from '../metrics/http-metrics.js';
import type { Metrics } from '../metrics/metrics.js';
import { operationsHandler, type Operations } from './operations-handler.js';

export interface FastifyObservability extends Operations {
  /** Counts and times every request. Given as `metrics` too, it is also served. */
  readonly measures: Metrics;
  /** One line per request at `debug`. */
  readonly logger: Logger;
}

/**
 * Observes every request of a Fastify instance (under Nest: `adapter.getInstance()`): request id in the context and
 * in the answer, metrics by route, a log line; and serves the operations. Call it before routes are added.
 */
export function observeFastify(fastify: FastifyInstance, options: FastifyObservability): void {
  const finishers = new WeakMap<FastifyRequest, { finish: RequestFinisher; startedAt: number }>();
  const operate = operationsHandler(options);

  fastify.addHook('onRequest', (request, reply, done) => {
    if (operate(request.raw, reply.raw)) {
      reply.hijack();
      return;
    }
    // An app that names its requests itself has done so by now: one request has one id.
    const requestId = String(reply.getHeader('x-request-id') ?? requestIdFrom(request.headers['x-request-id']));
    void reply.header('x-request-id', requestId);
    const finish = options.measures.http.observeRequest(request.routeOptions.url ?? 'unmatched', request.method);
    finishers.set(request, { finish, startedAt: performance.now() });
    // Counted when the socket is done with it, however that happens.
    reply.raw.once('close', () => finish(reply.raw.writableFinished ? reply.statusCode : CLIENT_WENT_AWAY));
    runInContext({ requestId }, done);
  });

  fastify.addHook('onResponse', (request, reply, done) => {
    const startedAt = finishers.get(request)?.startedAt ?? performance.now();
    options.logger.debug('request', {
      method: request.method,
      path: request.url.split('?', 1)[0],
      status: reply.statusCode,
      durationMs: Math.round(performance.now() - startedAt),
    });
    done();
  });
}

const CLIENT_WENT_AWAY = 499;
