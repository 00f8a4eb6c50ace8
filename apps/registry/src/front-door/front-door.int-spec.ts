import { afterEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import {
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createTcpServer, type AddressInfo, type Server as TcpServer } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { PublicOrigin } from '../access/public-origin.js';
import { TrustedProxies } from '../access/trusted-proxies.js';
import { createRegistryServer } from '../server/registry-server.js';
import { requestIdFrom } from '@breakwater/observability';
import { RawClient } from '../testing/raw-client.js';
import { FrontDoor } from './front-door.js';
import type { UpstreamFailure } from './upstream-failure.js';

const MIB = 2 ** 20;
const closing: (() => Promise<void> | void)[] = [];
let failures: UpstreamFailure[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  failures = [];
});

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

async function listen(server: Server | TcpServer): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(() => {
    server.close();
    if ('closeAllConnections' in server) server.closeAllConnections();
  });
  return (server.address() as AddressInfo).port;
}

/** @returns the port of the front door before this core. */
async function doorBefore(core: Handler | TcpServer): Promise<number> {
  return doorTo(await listen(typeof core === 'function' ? createServer(core) : core));
}

async function doorTo(corePort: number): Promise<number> {
  const door = new FrontDoor(new PublicOrigin(null, new TrustedProxies([])), {
    coreUrl: `http://127.0.0.1:${corePort}`,
    bodyIdleTimeoutMs: 10_000,
    requestIdOf: (request) => requestIdFrom(request.headers['x-request-id']),
    isDraining: () => false,
    onFailure: (failure) => failures.push(failure),
  });
  closing.push(() => door.close());
  const notHere: Handler = (_, response) => response.writeHead(404).end('data plane');
  const server = createRegistryServer({
    dataPlane: notHere,
    dataPlaneAwaitingContinue: notHere,
    others: (request, response) => door.serve(request, response),
    othersAwaitingContinue: (request, response) => door.serve(request, response, true),
  });
  return listen(server);
}

async function client(port: number): Promise<RawClient> {
  const made = await RawClient.to(port);
  closing.push(() => made.close());
  return made;
}

describe('FrontDoor', () => {
  it('passes method, target, headers and body on as they are, and the answer back', async () => {
    let seen: IncomingMessage | null = null;
    let body = '';
    const port = await doorBefore((request, response) => {
      seen = request;
      void buffer(request).then((bytes) => {
        body = bytes.toString();
        response.writeHead(201, ['Set-Cookie', 'a=1', 'Set-Cookie', 'b=2', 'Location', '/api/v2.0/projects/7']);
        response.end('made');
      });
    });
    const raw = await client(port);
    const target = '/api/v2.0/projects/a%2Fb?q=name%3D~x&page=2';
    await raw.sendHead(`POST ${target} HTTP/1.1`, 'Host: hub:8080', 'Authorization: Basic eA==', 'Content-Length: 2');
    await raw.send('{}');
    const answer = await raw.answer();
    expect([answer.status, answer.body.toString(), answer.headers['location']]).toEqual([
      201,
      'made',
      '/api/v2.0/projects/7',
    ]);
    expect(answer.rawHeaders.filter(([name]) => name === 'set-cookie')).toHaveLength(2);
    expect([seen!.method, seen!.url, body]).toEqual(['POST', target, '{}']);
    expect(seen!.headers).toMatchObject({
      host: 'hub:8080',
      authorization: 'Basic eA==',
      'x-forwarded-host': 'hub:8080',
      'x-forwarded-proto': 'http',
      'x-forwarded-for': '127.0.0.1',
    });
  });

  it('never passes the data plane on', async () => {
    const port = await doorBefore((_, response) => response.end('core'));
    const raw = await client(port);
    await raw.sendHead('GET /v2/x HTTP/1.1', 'Host: x');
    expect((await raw.answer()).body.toString()).toBe('data plane');
    await raw.sendHead('GET /v2.0/x HTTP/1.1', 'Host: x');
    expect((await raw.answer()).body.toString()).toBe('core');
  });

  it('streams: the answer begins while the body is still being sent', async () => {
    const port = await doorBefore((request, response) => {
      response.writeHead(200);
      request.pipe(response);
    });
    const raw = await client(port);
    await raw.sendHead('POST /echo HTTP/1.1', 'Host: x', 'Transfer-Encoding: chunked');
    await raw.send('3\r\none\r\n');
    while (!raw.unread.includes('one')) await new Promise((resolve) => setImmediate(resolve));
    await raw.send('3\r\ntwo\r\n0\r\n\r\n');
    expect((await raw.answer()).body.toString()).toBe('onetwo');
  });

  it('asks for a body that waits for 100 Continue only when core takes it', async () => {
    const port = await doorBefore((request, response) => void buffer(request).then((body) => response.end(body)));
    const raw = await client(port);
    await raw.sendHead('POST / HTTP/1.1', 'Host: x', 'Content-Length: 5', 'Expect: 100-continue');
    expect((await raw.answer()).status).toBe(100);
    await raw.send('hello');
    expect((await raw.answer()).body.toString()).toBe('hello');
  });

  it('lets the client see an answer that core gives before it has read a large body', async () => {
    const port = await doorBefore((_, response) => response.writeHead(413, { 'Content-Length': 3 }).end('no!'));
    const raw = await client(port);
    await raw.sendHead('POST / HTTP/1.1', 'Host: x', `Content-Length: ${50 * MIB}`);
    for (let sent = 0; sent < 50; sent++) await raw.send(Buffer.alloc(MIB));
    const answer = await raw.answer();
    expect([answer.status, answer.body.toString()]).toEqual([413, 'no!']);
  });

  it('answers HEAD, 204 and 304 without a body and keeps the connection', async () => {
    const port = await doorBefore((request, response) => {
      if (request.method === 'HEAD') response.writeHead(200, { 'Content-Length': 1000 }).end();
      else response.writeHead(request.url === '/204' ? 204 : 304).end();
    });
    const raw = await client(port);
    await raw.sendHead('HEAD / HTTP/1.1', 'Host: x');
    expect((await raw.answer({ isHead: true })).headers['content-length']).toBe('1000');
    for (const status of [204, 304]) {
      await raw.sendHead(`GET /${status} HTTP/1.1`, 'Host: x');
      expect((await raw.answer()).status).toBe(status);
    }
  });

  it('says 503 in JSON, with when to come again, while nobody listens', async () => {
    // Not a port that was given back: another test may be given it in the same moment. This one takes root.
    const raw = await client(await doorTo(1));
    await raw.sendHead('GET /api/v2.0/health HTTP/1.1', 'Host: x');
    const answer = await raw.answer();
    expect(answer.status).toBe(503);
    expect(answer.headers['retry-after']).toBe('5');
    expect(JSON.parse(answer.body.toString())).toMatchObject({ errors: [{ code: 'SERVICE_UNAVAILABLE' }] });
    expect(failures).toHaveLength(1);
  });

  it('says 502 when core breaks off before it answers a write, and does not repeat it', async () => {
    let connections = 0;
    const port = await doorBefore(
      createTcpServer((socket) => {
        connections++;
        socket.on('error', () => undefined).on('data', () => socket.destroy());
      }),
    );
    const raw = await client(port);
    await raw.sendHead('POST / HTTP/1.1', 'Host: x', 'Content-Length: 1');
    await raw.send('x');
    expect((await raw.answer()).status).toBe(502);
    expect(connections).toBe(1);
  });

  it('asks a read again, once, when a kept connection turns out to be closed', async () => {
    let connections = 0;
    const port = await doorBefore(
      createTcpServer((socket) => {
        const isFirst = connections++ === 0;
        socket
          .on('error', () => undefined)
          .on('data', () => {
            if (isFirst) socket.destroy();
            else socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
          });
      }),
    );
    const raw = await client(port);
    await raw.sendHead('GET / HTTP/1.1', 'Host: x');
    expect((await raw.answer()).body.toString()).toBe('ok');
  });

  it('cuts the client off when core breaks off within its answer: half must not look like all', async () => {
    const port = await doorBefore((_, response) => {
      response.writeHead(200, { 'Content-Length': 100 });
      response.write('half', () => response.socket?.destroy());
    });
    const raw = await client(port);
    await raw.sendHead('GET / HTTP/1.1', 'Host: x');
    await expect(raw.answer()).rejects.toThrow();
  });

  it('tells core when the client hangs up', async () => {
    const closed = Promise.withResolvers<void>();
    const reached = Promise.withResolvers<void>();
    const port = await doorBefore((_, response) => {
      reached.resolve();
      response.once('close', () => closed.resolve());
    });
    const request = httpRequest({ port, host: '127.0.0.1', path: '/slow' }).end();
    request.on('error', () => undefined);
    await reached.promise;
    request.destroy();
    await closed.promise;
    expect(failures).toEqual([]);
  });
});
