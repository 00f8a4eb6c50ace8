import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { Exchange } from '../data-plane/exchange.js';
import { RawClient } from '../testing/raw-client.js';
import { ClientGoneError, SilentClientError } from './client.errors.js';

type Handler = (exchange: Exchange) => void | Promise<void>;

let server: Server | null = null;
const clients: RawClient[] = [];

const IDLE_MS = 10_000;

async function serve(handler: Handler): Promise<RawClient> {
  const settings = { bodyIdleTimeoutMs: IDLE_MS, isDraining: () => false, onBodyBytes: () => undefined };
  const listener = (awaitsContinue: boolean) => (request: IncomingMessage, response: ServerResponse) =>
    void handler(new Exchange(request, response, 'test', awaitsContinue, settings));
  server = createServer({ requestTimeout: 0 }).on('request', listener(false)).on('checkContinue', listener(true));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return connect();
}

async function connect(): Promise<RawClient> {
  const client = await RawClient.to((server?.address() as AddressInfo).port);
  clients.push(client);
  return client;
}

afterEach(() => {
  for (const client of clients.splice(0)) client.close();
  server?.close();
  server?.closeAllConnections();
});

const refuse = (exchange: Exchange): void => exchange.reply(401, ['Content-Length', '2'], 'no');
const MIB = 2 ** 20;

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

describe('an answer before the body was read', () => {
  it('reaches a client that sends 50 MB before it looks, and ends the connection', async () => {
    const client = await serve(refuse);
    await client.sendHead('PUT /x HTTP/1.1', 'Host: x', `Content-Length: ${50 * MIB}`);
    for (let sent = 0; sent < 50; sent++) await client.send(Buffer.alloc(MIB));
    const answer = await client.answer();
    expect(answer.status).toBe(401);
    expect(answer.headers['connection']).toBe('close');
    await client.ended();
  });

  it('reaches a client that looks while it sends, before it has sent all', async () => {
    const client = await serve(refuse);
    await client.sendHead('PUT /x HTTP/1.1', 'Host: x', `Content-Length: ${50 * MIB}`);
    await client.send(Buffer.alloc(MIB));
    expect((await client.answer()).status).toBe(401);
  });

  it('reaches a client that streams chunks without a length', async () => {
    const client = await serve(refuse);
    await client.sendHead('PATCH /x HTTP/1.1', 'Host: x', 'Transfer-Encoding: chunked');
    for (let sent = 0; sent < 8; sent++) await client.send(`100000\r\n${'x'.repeat(MIB)}\r\n`);
    const answer = await client.answer();
    expect(answer.status).toBe(401);
    expect(answer.headers['connection']).toBe('close');
  });

  it('keeps the connection where little is left to read, and the next request is served on it', async () => {
    const client = await serve(refuse);
    for (let turn = 0; turn < 3; turn++) {
      await client.sendHead('PUT /x HTTP/1.1', 'Host: x', 'Content-Length: 1000');
      const answer = await client.answer();
      expect(answer.status).toBe(401);
      expect(answer.headers['connection']).toBe('keep-alive');
      await client.send('y'.repeat(1000));
    }
  });

  it('keeps the connection after a refusal half-way through a body, and reads the rest away', async () => {
    const client = await serve(async (exchange) => {
      for await (const chunk of exchange.body() as AsyncIterable<Buffer>) if (chunk.length > 0) break;
      refuse(exchange);
    });
    await client.sendHead('PUT /x HTTP/1.1', 'Host: x', 'Content-Length: 100000');
    await client.send('y'.repeat(10));
    expect((await client.answer()).status).toBe(401);
    await client.send('y'.repeat(99_990));
    await client.sendHead('PUT /x HTTP/1.1', 'Host: x', 'Content-Length: 1');
    await client.send('y');
    expect((await client.answer()).status).toBe(401);
  });
});

describe('Expect: 100-continue', () => {
  const head = ['PUT /x HTTP/1.1', 'Host: x', 'Content-Length: 5', 'Expect: 100-continue'];

  it('is answered when the body is wanted, and only then', async () => {
    const client = await serve(async (exchange) => {
      const text = (await buffer(exchange.body())).toString();
      exchange.reply(201, ['Content-Length', String(text.length)], text);
    });
    await client.sendHead(...head);
    expect((await client.answer()).status).toBe(100);
    await client.send('hello');
    const answer = await client.answer();
    expect([answer.status, answer.body.toString(), answer.headers['connection']]).toEqual([201, 'hello', 'keep-alive']);
  });

  it('is refused with the status at once, without a 100 and with the end of the connection', async () => {
    const client = await serve(refuse);
    await client.sendHead(...head);
    const answer = await client.answer();
    expect(answer.status).toBe(401);
    expect(answer.headers['connection']).toBe('close');
  });
});

describe('RequestBody', () => {
  it('fails with ClientGoneError when the client hangs up half-way', async () => {
    const [begun, outcome] = [Promise.withResolvers<void>(), Promise.withResolvers<unknown>()];
    const client = await serve((exchange) => {
      begun.resolve();
      void buffer(exchange.body()).then(outcome.resolve, outcome.resolve);
    });
    await client.sendHead('PUT /x HTTP/1.1', 'Host: x', 'Content-Length: 1000');
    await client.send('half');
    await begun.promise;
    client.abort();
    expect(await outcome.promise).toBeInstanceOf(ClientGoneError);
  });

  describe('with a clock that the test moves', () => {
    beforeEach(() => {
      jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask', 'performance', 'Date'] });
    });
    afterEach(() => {
      jest.useRealTimers();
    });

    it('gives up a client that is silent, and not one that is slow', async () => {
      const outcome = Promise.withResolvers<unknown>();
      const chunks: Buffer[] = [];
      const client = await serve((exchange) => {
        exchange
          .body()
          .on('data', (chunk: Buffer) => chunks.push(chunk))
          .on('error', (error) => {
            outcome.resolve(error);
            refuse(exchange);
          });
      });
      await client.sendHead('PUT /x HTTP/1.1', 'Host: x', 'Content-Length: 1000');
      for (let turn = 1; turn <= 5; turn++) {
        await client.send('a');
        await until(() => chunks.length === turn);
        jest.advanceTimersByTime(IDLE_MS - 1);
      }
      jest.advanceTimersByTime(1);
      expect(await outcome.promise).toBeInstanceOf(SilentClientError);
      expect((await client.answer()).status).toBe(401);
    });

    it('does not count its own slowness as the silence of the client', async () => {
      const client = await serve(async (exchange) => {
        let length = 0;
        for await (const chunk of exchange.body() as AsyncIterable<Buffer>) {
          length += chunk.length;
          if (length === chunk.length) {
            await until(() => exchange.request.isPaused());
            jest.advanceTimersByTime(10 * IDLE_MS);
          }
        }
        exchange.reply(200, ['Content-Length', String(String(length).length)], String(length));
      });
      await client.sendHead('PUT /x HTTP/1.1', 'Host: x', `Content-Length: ${4 * MIB}`);
      await client.send(Buffer.alloc(4 * MIB));
      expect((await client.answer()).body.toString()).toBe(String(4 * MIB));
    });
  });

  it('leaves the socket alone when its reader fails, so that the refusal can be sent', async () => {
    const client = await serve(async (exchange) => {
      exchange.body().destroy(new Error('storage full'));
      exchange.reply(507, ['Content-Length', '0']);
    });
    await client.sendHead('PUT /x HTTP/1.1', 'Host: x', 'Content-Length: 100');
    await client.send('y'.repeat(100));
    expect((await client.answer()).status).toBe(507);
  });
});
