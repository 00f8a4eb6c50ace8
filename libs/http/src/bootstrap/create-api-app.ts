import { STATUS_CODES, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { DynamicModule, LoggerService, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ApiExceptionFilter } from '../errors/api-exception.filter.js';
import { ERROR_CONTENT_TYPE, errorBody } from '../errors/error-body.js';
import { ErrorResponder, type ErrorLog } from '../errors/error-responder.js';
import { codeOfStatus, type HarborCodes } from '../errors/harbor-error.js';
import { KnownRoutes } from '../errors/known-routes.js';
import { canonicalUrl, checkTarget } from '../request/canonical-url.js';
import { REQUEST_ID_HEADER, requestIdOf } from '../request/request-id.js';
import { ApiValidationPipe } from '../validation/api-validation.pipe.js';
import { addBodyParsers } from './body-parsers.js';

export interface ApiAppOptions {
  /** Rows of the app's modules for errors whose kind says too little. */
  readonly codes?: HarborCodes;
  /** Default 4 MiB. */
  readonly bodyLimitBytes?: number;
  /** Beginnings of the paths that read forms; by default none. */
  readonly formPaths?: readonly string[];
  /** Proxies whose `X-Forwarded-*` headers are believed: addresses or networks. By default none are. */
  readonly trustedProxies?: readonly string[];
  /** For Nest's own lines; false for none. */
  readonly logger?: LoggerService | false;
  /** Where errors that are ours go; by default Nest's logger. */
  readonly onOurError?: ErrorLog;
  /** False for an app that is one part of what its process ends in order. Default true. */
  readonly closesOnSignals?: boolean;
  /** Time for requests in flight when the app closes, after which their connections are cut. Default 25. */
  readonly shutdownGraceSeconds?: number;
}

const MEBIBYTE = 1024 ** 2;

/**
 * An app that keeps the conventions of the REST API: request ids, canonical paths, Harbor's errors, validated
 * parameters and bodies. Not yet listening. SIGTERM and SIGINT close it, unless told otherwise.
 */
export async function createApiApp(
  module: Type | DynamicModule,
  options: ApiAppOptions = {},
): Promise<NestFastifyApplication> {
  const responder = new ErrorResponder(options.codes, options.onOurError);
  const routes = new KnownRoutes();
  const adapter = createAdapter(options, responder);
  const fastify = adapter.getInstance<FastifyInstance>();
  addHooks(fastify, routes, (options.shutdownGraceSeconds ?? 25) * 1000);
  const app = await NestFactory.create<NestFastifyApplication>(module, adapter, {
    bodyParser: false,
    abortOnError: false,
    ...(options.logger === undefined ? {} : { logger: options.logger }),
  });
  addBodyParsers(fastify, options.formPaths ?? []);
  app.useGlobalPipes(new ApiValidationPipe());
  app.useGlobalFilters(new ApiExceptionFilter(responder, routes));
  if (options.closesOnSignals ?? true) app.enableShutdownHooks(['SIGTERM', 'SIGINT']);
  return app;
}

function createAdapter(options: ApiAppOptions, responder: ErrorResponder): FastifyAdapter {
  return new FastifyAdapter({
    bodyLimit: options.bodyLimitBytes ?? 4 * MEBIBYTE,
    // Longer than the idle time of common proxies, so that they and not we close a connection that is about to be used.
    keepAliveTimeout: 75_000,
    requestTimeout: 0,
    http: { maxHeaderSize: 64 * 1024 },
    trustProxy: options.trustedProxies === undefined ? false : [...options.trustedProxies],
    exposeHeadRoutes: false,
    genReqId: (request: IncomingMessage) => requestIdOf(request.headers),
    rewriteUrl: (request: IncomingMessage) => canonicalUrl(request.url ?? '/'),
    // A repository name of 255 characters, each encoded twice.
    routerOptions: { maxParamLength: 255 * '%252F'.length, ignoreTrailingSlash: true },
    // Errors of the router, before any hook runs.
    frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply) => {
      void reply.header(REQUEST_ID_HEADER, request.id);
      responder.respond(error, request, reply);
    },
    clientErrorHandler: answerUnreadableRequest,
    forceCloseConnections: 'idle',
  });
}

function addHooks(fastify: FastifyInstance, routes: KnownRoutes, graceMilliseconds: number): void {
  fastify.addHook('onRoute', ({ url, method }) => routes.add(url, [method].flat()));
  fastify.addHook('onRequest', (request, reply, done) => {
    void reply.header(REQUEST_ID_HEADER, request.id);
    done();
  });
  // After every onRequest hook, so that what is refused here is still counted and logged.
  fastify.addHook('preParsing', (request, _reply, _payload, done) => {
    checkTarget(request.raw.url ?? '/');
    done();
  });
  fastify.addHook('preClose', (done) => {
    setTimeout(() => fastify.server.closeAllConnections(), graceMilliseconds).unref();
    done();
  });
}

/** What the parser of HTTP cannot read never becomes a request. */
function answerUnreadableRequest(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const status = { HPE_HEADER_OVERFLOW: 431, ERR_HTTP_REQUEST_TIMEOUT: 408 }[error.code ?? ''] ?? 400;
  const body = errorBody(codeOfStatus(status), 'the request cannot be read');
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\nContent-Type: ${ERROR_CONTENT_TYPE}\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}
