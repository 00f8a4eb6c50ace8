import { listenForOperations, NestLogger, operationsHandler, type Logger } from '@breakwater/observability';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { AddressInfo } from 'node:net';
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import { assembleRegistry, type RegistryParts } from './registry-parts.js';
import type { RegistryConfig } from './registry.config.js';
import { RegistryModule } from './registry.module.js';
import { drain } from './server/drain.js';
import { createRegistryServer } from './server/registry-server.js';

export interface RunningRegistry {
  /** The one that was taken where the configured one is 0. */
  readonly port: number;
  /** Of `/metrics`; null where it is nowhere. */
  readonly metricsPort: number | null;
  /** Accepts nothing new, finishes what is in flight, writes what was noted, ends connections. Twice is once. */
  stop(): Promise<void>;
}

/**
 * Starts the data plane: resolves when it serves.
 *
 * @param signal  ends the waiting for a database that is not there yet.
 */
export async function startRegistry(
  config: RegistryConfig,
  log: Logger,
  signal: AbortSignal,
): Promise<RunningRegistry> {
  const parts = await assembleRegistry(config, log, signal);
  const { app, server } = await createApp(parts, log);
  await parts.health.start();
  await app.listen({ host: config.http.host, port: config.http.port });
  const operations = await serveOperations(parts, config);
  const port = portOf(server);
  const metricsPort = operations === null ? null : portOf(operations);
  log.info('serving', { host: config.http.host, port, metricsPort, isFrontDoor: parts.frontDoor !== null });
  let stopping: Promise<void> | null = null;
  const stop = async (): Promise<void> => {
    log.info('stopping', { graceSeconds: config.shutdown.graceSeconds, pending: parts.dataPlane.pending });
    parts.beginShutdown();
    const cutOff = await drain(server, config.shutdown.graceSeconds * 1000, () => parts.dataPlane.pending);
    if (cutOff > 0) log.warn('requests were cut off by the end of the grace period', { requests: cutOff });
    operations?.close();
    await app.close();
    log.info('stopped');
  };
  return { port, metricsPort, stop: () => (stopping ??= stop()) };
}

function serveOperations(parts: RegistryParts, config: RegistryConfig): Promise<Server> | null {
  const { http, metricsHost, metricsPort } = config;
  return metricsPort === null
    ? null
    : listenForOperations(parts, { host: metricsHost ?? http.host, port: metricsPort });
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

async function createApp(parts: RegistryParts, log: Logger): Promise<{ app: NestFastifyApplication; server: Server }> {
  let server: Server | null = null;
  const adapter = new FastifyAdapter({
    serverFactory: (nest: RequestListener) => (server = createRegistryServer(listeners(parts, nest))),
  });
  const app = await NestFactory.create<NestFastifyApplication>(RegistryModule.with(parts), adapter, {
    logger: new NestLogger(log),
    abortOnError: false,
  });
  if (server === null) throw new Error('Fastify did not ask for its server');
  return { app, server };
}

/** Health first, so that it is told even where everything else goes on to core. */
function listeners(parts: RegistryParts, nest: RequestListener): Parameters<typeof createRegistryServer>[0] {
  const { dataPlane, frontDoor, health } = parts;
  const operate = operationsHandler({ health });
  const others =
    (awaitsContinue: boolean) =>
    (request: IncomingMessage, response: ServerResponse): void => {
      if (operate(request, response)) return;
      if (frontDoor !== null) frontDoor.serve(request, response, awaitsContinue);
      else nest(request, response);
    };
  return {
    dataPlane: (request, response) => void dataPlane.serve(request, response),
    dataPlaneAwaitingContinue: (request, response) => void dataPlane.serve(request, response, true),
    others: others(false),
    othersAwaitingContinue: others(true),
  };
}
