import { createApiApp, type HarborCodes } from '@breakwater/http';
import { Metrics, NestLogger, observeFastify, SILENT, type Logger } from '@breakwater/observability';
import type { INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { OpenAPIObject } from '@nestjs/swagger';
import { noteFailedOperations } from './audit/failed-operations.js';
import { CoreModule } from './core.module.js';
import type { CoreServices } from './core.services.js';
import { serveDeveloperAssets } from './features/developer-center/developer-assets.js';
import { ApiDocument } from './openapi/api-document.js';
import { buildDocument } from './openapi/build-document.js';

export interface CoreAppOptions {
  readonly logger?: Logger;
  readonly metrics?: Metrics;
  readonly trustedProxies?: readonly string[];
  readonly shutdownGraceSeconds?: number;
}

/** Paths that read forms: the OAuth2 form of the token endpoint. */
const FORM_PATHS = ['/service/token'];

/** Of the modules' errors, those for which Harbor has a closer word than their kind. */
const CODES: HarborCodes = { ARTIFACT_IS_ACCESSORY: 'DENIED' };

/** The app on its services, ready to listen or to be asked by `inject`. */
export async function createCoreApp(
  services: CoreServices,
  options: CoreAppOptions = {},
): Promise<NestFastifyApplication> {
  const logger = options.logger ?? SILENT;
  const app = await createApiApp(
    CoreModule.of(() => services),
    {
      formPaths: FORM_PATHS,
      codes: CODES,
      trustedProxies: options.trustedProxies ?? [],
      closesOnSignals: false,
      logger: new NestLogger(logger),
      onOurError: (error, request) => logger.error('a request failed by our own fault', { ...request, error }),
      ...(options.shutdownGraceSeconds === undefined ? {} : { shutdownGraceSeconds: options.shutdownGraceSeconds }),
    },
  );
  const fastify = app.getHttpAdapter().getInstance();
  fastify.addHook('onSend', (_request, reply, _payload, done) => {
    // What an operation answers is for this caller and for now.
    if (!reply.hasHeader('Cache-Control')) void reply.header('Cache-Control', 'no-store');
    void reply.header('X-Content-Type-Options', 'nosniff');
    done();
  });
  observeFastify(fastify, {
    health: services.health,
    measures: options.metrics ?? new Metrics('core'),
    logger,
  });
  noteFailedOperations(fastify, services.auditLog.attempts, services.projects);
  await serveDeveloperAssets(fastify);
  await app.init();
  app.get(ApiDocument).describe(app, services.settings.version);
  await fastify.ready();
  return app;
}

/** The document alone, without a service behind it: for the contract test and the report. */
export async function describeCore(version: string): Promise<OpenAPIObject> {
  const withoutServices = CoreModule.of(() => {
    throw new Error('a document needs no services');
  });
  const app: INestApplication = await NestFactory.create(withoutServices, new FastifyAdapter(), {
    preview: true,
    logger: false,
    abortOnError: false,
  });
  return buildDocument(app, version);
}
