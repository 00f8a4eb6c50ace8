import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { HealthChecks } from '../health/health-checks.js';
import type { Metrics } from '../metrics/metrics.js';

/** What to serve: leave out what the outside must not see. */
export interface Operations {
  /** `/healthz/live` and `/healthz/ready`. */
  readonly health?: HealthChecks;
  /** `/metrics`: for the operator only, since it tells names of routes and loads. */
  readonly metrics?: Metrics;
}

/** @returns whether the request was one of ours and is being answered. */
export type OperationsHandler = (request: IncomingMessage, response: ServerResponse) => boolean;

/** For a raw node:http server: asks no database, allocates little, stands before everything else. */
export function operationsHandler(operations: Operations): OperationsHandler {
  return (request, response) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') return false;
    const [path] = (request.url ?? '').split('?', 1);
    const answer = path === undefined ? null : answerTo(path, operations);
    if (answer === null) return false;
    void answer.then(
      ({ status, contentType, body }) => {
        const headers = { 'content-type': contentType, 'content-length': Buffer.byteLength(body) };
        response.writeHead(status, { ...headers, 'cache-control': 'no-store' });
        response.end(request.method === 'HEAD' ? undefined : body);
      },
      () => response.writeHead(500).end(),
    );
    return true;
  };
}

/** A listener of its own for `/metrics` and health, on a port that only the operator reaches. */
export async function listenForOperations(
  operations: Operations,
  at: { readonly host: string; readonly port: number },
): Promise<Server> {
  const handle = operationsHandler(operations);
  const server = createServer((request, response) => {
    if (!handle(request, response)) response.writeHead(404).end();
  }).listen(at.port, at.host);
  await once(server, 'listening');
  return server;
}

interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

function answerTo(path: string, { health, metrics }: Operations): Promise<Answer> | null {
  if (path === '/metrics' && metrics) return metrics.exposition().then((text) => ({ status: 200, ...text }));
  if (path === '/healthz/live' && health) {
    const liveness = health.liveness();
    return json(liveness.isAlive ? 200 : 503, { status: liveness.isAlive ? 'ok' : 'failing', ...liveness });
  }
  if (path === '/healthz/ready' && health) {
    const { isReady, failing, checks } = health.readiness();
    return json(isReady ? 200 : 503, { status: isReady ? 'ok' : 'failing', failing, checks });
  }
  return null;
}

async function json(status: number, body: object): Promise<Answer> {
  return { status, contentType: 'application/json; charset=utf-8', body: JSON.stringify(body) };
}
