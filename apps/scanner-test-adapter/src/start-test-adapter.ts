import { timingSafeEqual, createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Scanner, ScanRequest } from '@breakwater/scanner-spec';
import { withDefaults, type AdapterAuth, type TestAdapterOptions } from './adapter-options.js';
import { FaultSwitches, parseFaults, type Faults, type FaultyOperation } from './faults.js';
import { AdapterApi, send } from './http/adapter-api.js';
import { metadataOf } from './http/capabilities.js';
import { misbehave } from './http/misbehave.js';
import { ScanQueue, type Scan } from './scans/scan-queue.js';

export interface TestAdapter {
  /** To register it with. */
  readonly url: string;
  readonly port: number;
  /** Scans that it was asked for, the oldest first; credentials included, so that a test can see them. */
  readonly requests: readonly ScanRequest[];
  /** `GET /metadata 200`, in the order in which they ended. */
  readonly calls: readonly string[];
  /** Replaces all faults; `{}` for none. */
  setFaults(faults: Faults): void;
  /** Forgets all scans, as a restart does. */
  forget(): void;
  stop(): Promise<void>;
}

/**
 * Starts the adapter.
 *
 * Beside the specification's operations it has `GET /_test/state`, `PUT /_test/faults` (a JSON object as `setFaults`
 * takes it) and `POST /_test/forget`, for tests that are another process, and `GET /probe/healthy`.
 */
export async function startTestAdapter(options: TestAdapterOptions = {}): Promise<TestAdapter> {
  const settings = withDefaults(options);
  const faults = new FaultSwitches(settings.faults);
  const scanner: Scanner = { name: settings.name, vendor: 'Breakwater', version: settings.version };
  const queue = new ScanQueue(settings, faults, scanner);
  const api = new AdapterApi(settings, metadataOf(settings, scanner, new Date()), queue);
  const calls: string[] = [];

  const server = createServer((request, response) => {
    response.once('close', () => calls.push(`${request.method} ${pathOf(request)} ${response.statusCode}`));
    if (calls.length > MOST_REMEMBERED) calls.shift();
    answer(request, response).catch((error: unknown) => {
      settings.log(String(error));
      if (!response.headersSent) api.fail(response, 500, 'this adapter made a mistake');
      else response.destroy();
    });
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://adapter');
    const body = await readBody(request);
    if (url.pathname === '/probe/healthy') return send(response, 200, 'application/json', {});
    if (url.pathname.startsWith('/_test/')) return control(url.pathname, body, response);
    if (!isSignedIn(request, settings.auth)) return api.fail(response, 401, 'sign in first');
    if (body === null) return api.fail(response, 413, `a request has at most ${MOST_BODY_BYTES} bytes`);
    const route = findRoute(request.method ?? '', url.pathname);
    if (route === null) return api.fail(response, 404, 'there is nothing here');
    const fault = faults.take(route.operation);
    if (fault !== null) return misbehave(fault, request, body, response);
    if (route.operation === 'metadata') return api.getMetadata(request, response);
    if (route.operation === 'submit') return api.submit(body, response);
    return api.getReport(route.id, url.searchParams, request, response);
  }

  function control(path: string, body: string | null, response: ServerResponse): void {
    if (path === '/_test/faults') faults.set(parseFaults(JSON.parse(body ?? '')));
    else if (path === '/_test/forget') queue.scans.clear();
    else if (path !== '/_test/state') return api.fail(response, 404, 'there is nothing here');
    send(response, 200, 'application/json', {
      faults: faults.current(),
      calls,
      scans: [...queue.scans.values()].map(shown),
    });
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(settings.port, settings.host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${settings.host}:${port}`,
    port,
    requests: queue.requests,
    calls,
    setFaults: (next) => faults.set(next),
    forget: () => queue.scans.clear(),
    stop: async () => {
      server.closeAllConnections();
      await Promise.all([queue.stop(), new Promise((resolve) => server.close(resolve))]);
    },
  };
}

const MOST_BODY_BYTES = 2 ** 20;
const MOST_REMEMBERED = 20_000;

type Route = { readonly operation: FaultyOperation; readonly id: string };

function findRoute(method: string, path: string): Route | null {
  if (method === 'GET' && path === '/api/v1/metadata') return { operation: 'metadata', id: '' };
  if (method === 'POST' && path === '/api/v1/scan') return { operation: 'submit', id: '' };
  const id = method === 'GET' ? /^\/api\/v1\/scan\/([^/]+)\/report$/.exec(path)?.[1] : undefined;
  return id === undefined ? null : { operation: 'report', id: decodeURIComponent(id) };
}

/** Null for one that is too large; it is read to its end, so that the answer arrives. */
async function readBody(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length;
    if (sizeBytes <= MOST_BODY_BYTES) chunks.push(chunk);
  }
  return sizeBytes > MOST_BODY_BYTES ? null : Buffer.concat(chunks).toString('utf8');
}

function isSignedIn({ headers }: IncomingMessage, auth: AdapterAuth | null): boolean {
  if (auth === null) return true;
  const { kind, credential } = auth;
  const [given, expected] =
    kind === 'X-ScannerAdapter-API-Key'
      ? [headers['x-scanneradapter-api-key'], credential]
      : [
          headers.authorization,
          `${kind} ${kind === 'Basic' ? Buffer.from(credential).toString('base64') : credential}`,
        ];
  return timingSafeEqual(hash(String(given)), hash(expected));
}

function hash(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function pathOf({ url = '' }: IncomingMessage): string {
  return url.split('?')[0] ?? '';
}

function shown({ id, state, message, request }: Scan): object {
  return { id, state, message, artifact: request.artifact };
}
