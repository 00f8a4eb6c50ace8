import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fastify, { type FastifyInstance } from 'fastify';
import { createServer, get, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { HealthChecks } from '../health/health-checks.js';
import { createLogger } from '../log/logger.js';
import { currentRequestId } from '../log/request-context.js';
import { Metrics } from '../metrics/metrics.js';
import { observeFastify } from './fastify-observability.js';
import { listenForOperations, operationsHandler } from './operations-handler.js';

let health: HealthChecks;
let metrics: Metrics;
let isDatabaseUp: boolean;

beforeEach(async () => {
  metrics = new Metrics('core');
  health = new HealthChecks();
  isDatabaseUp = true;
  health.register('database', async () => {
    if (!isDatabaseUp) throw new Error('connection refused by 10.0.0.7');
  });
  await health.start();
});
afterEach(() => health.stop());

describe('operationsHandler on node:http', () => {
  let server: Server;
  let url: string;
  beforeEach(async () => {
    const operate = operationsHandler({ health });
    server = createServer((request, response) => {
      if (!operate(request, response)) response.writeHead(418).end();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = urlOf(server);
  });
  afterEach(() => {
    server.close();
  });

  it('answers 200 while every dependency serves, 503 with the failing names when one is gone', async () => {
    expect((await fetch(`${url}/healthz/ready`)).status).toBe(200);
    isDatabaseUp = false;
    await health.checkNow();
    const reply = await fetch(`${url}/healthz/ready?verbose`);
    const text = await reply.text();
    expect(reply.status).toBe(503);
    expect(JSON.parse(text)).toMatchObject({ status: 'failing', failing: ['database'] });
    expect(text).not.toContain('10.0.0.7');
    expect((await fetch(`${url}/healthz/live`)).status).toBe(200);
  });

  it('leaves everything else to the server, and serves no metrics that it was not given', async () => {
    for (const path of ['/v2/', '/healthz', '/metrics']) expect((await fetch(url + path)).status).toBe(418);
    expect((await fetch(`${url}/healthz/live`, { method: 'POST' })).status).toBe(418);
  });

  it('answers HEAD without a body', async () => {
    const reply = await fetch(`${url}/healthz/ready`, { method: 'HEAD' });
    expect(reply.status).toBe(200);
    expect(await reply.text()).toBe('');
  });
});

describe('listenForOperations', () => {
  it('serves metrics on a listener of its own', async () => {
    const server = await listenForOperations({ health, metrics }, { host: '127.0.0.1', port: 0 });
    const reply = await fetch(`${urlOf(server)}/metrics`);
    expect(reply.headers.get('content-type')).toMatch(/^text\/plain/);
    expect(await reply.text()).toContain('nodejs_eventloop_lag_seconds');
    expect((await fetch(urlOf(server))).status).toBe(404);
    server.close();
  });
});

describe('observeFastify', () => {
  let app: FastifyInstance;
  let lines: Record<string, unknown>[];
  let url: string;
  beforeEach(async () => {
    lines = [];
    const destination = { write: (line: string) => lines.push(JSON.parse(line) as Record<string, unknown>) };
    const logger = createLogger({ level: 'debug', app: 'core', destination });
    app = fastify();
    observeFastify(app, { health, measures: metrics, logger });
    app.get('/projects/:name', async () => ({ seen: currentRequestId() }));
    app.get('/hanging', () => new Promise(() => undefined));
    url = await app.listen({ host: '127.0.0.1', port: 0 });
  });
  afterEach(() => app.close());

  it('serves health before any route', async () => {
    expect((await fetch(`${url}/healthz/live`)).status).toBe(200);
    expect((await fetch(`${url}/metrics`)).status).toBe(404);
  });

  it('carries the request id to the handler, the answer and the log, which never shows the query', async () => {
    const reply = await fetch(`${url}/projects/team?token=s3cret`, { headers: { 'x-request-id': 'r-42' } });
    expect(reply.headers.get('x-request-id')).toBe('r-42');
    expect(await reply.json()).toEqual({ seen: 'r-42' });
    expect(lines).toMatchObject([{ message: 'request', requestId: 'r-42', path: '/projects/team', status: 200 }]);
    expect(JSON.stringify(lines)).not.toContain('s3cret');
  });

  it('counts by route, not by path, and clients that go away as 499', async () => {
    await fetch(`${url}/projects/one`);
    await fetch(`${url}/projects/two`);
    await fetch(`${url}/no/such/path`);
    const request = get(`${url}/hanging`);
    request.on('error', () => undefined);
    const [, response] = (await once(app.server, 'request')) as [IncomingMessage, ServerResponse];
    request.destroy();
    await once(response, 'close');

    const counted = (await metrics.exposition()).body
      .split('\n')
      .filter((line) => /^\w+_http_requests_total/.test(line));
    expect(counted.map((line) => line.replace('breakwater_http_requests_total', ''))).toEqual([
      '{route="/projects/:name",method="GET",status="2xx",app="core"} 2',
      '{route="unmatched",method="GET",status="404",app="core"} 1',
      '{route="/hanging",method="GET",status="499",app="core"} 1',
    ]);
  });
});

function urlOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
