import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { AdapterClient } from './adapter-client.js';

let served = 0;
const server = createServer((socket) => {
  const mine = ++served;
  let asked = 0;
  socket.on('error', () => undefined);
  socket.on('data', () => {
    // Closed in the moment in which it is used again; from the third on at once.
    if (++asked > 1 || mine > 2) socket.destroy();
    else socket.write('HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\n{}');
  });
});
afterEach(() => void server.close());

describe('the client of an adapter', () => {
  it('asks again on a connection of its own when a kept one was just closed, and then no more', async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    const client = new AdapterClient({ url, authorization: {}, isInsecure: false, timeoutMs: 60_000 });
    const submit = () => client.ask('/api/v1/scan', { method: 'POST', body: '{}' });
    expect([await submit(), await submit(), await submit()]).toMatchObject([
      { status: 200, failure: null },
      { status: 200, failure: null },
      { status: null, failure: expect.stringMatching(/socket hang up|ECONNRESET/) },
    ]);
    expect([served, client.exchanges.length]).toEqual([3, 3]);
    client.close();
  });
});
