import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { connect } from 'node:net';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { OutboundClient } from '../outbound-client.js';
import { OutboundAddressRefusedError, OutboundUnreachableError } from '../outbound.errors.js';
import { readText } from '../read-text.js';
import { TEST_CERTIFICATE } from '../testing/certificate.js';
import { TestServer } from '../testing/test-server.js';

/** What the proxy was asked for; it answers plain requests itself and leads tunnels to the secure server. */
const asked: string[] = [];
let proxy: Server;
let secure: TestServer;
let client: OutboundClient;

beforeAll(async () => {
  secure = await TestServer.start((_, response) => response.end('secure'), { isTls: true });
  proxy = createServer((request, response) => {
    asked.push(`${request.method} ${request.url} ${request.headers['proxy-authorization']}`);
    response.end('by the proxy');
  });
  proxy.on('connect', (request, socket) => {
    asked.push(`CONNECT ${request.url} ${request.headers['proxy-authorization']}`);
    const tunnel = connect(secure.port, '127.0.0.1', () => socket.write('HTTP/1.1 200 OK\r\n\r\n'));
    tunnel.on('error', () => socket.destroy()).pipe(socket);
    socket.on('error', () => tunnel.destroy()).pipe(tunnel);
  });
  await new Promise<void>((listening) => proxy.listen(0, '127.0.0.1', listening));
  const url = `http://user:pass@127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  const resolve = async (host: string): Promise<{ address: string; family: number }[]> =>
    host === 'inside.test' ? [{ address: '10.0.0.1', family: 4 }] : [];
  client = new OutboundClient(
    {
      allow: ['127.0.0.1'],
      ca: TEST_CERTIFICATE,
      proxy: { httpUrl: url, httpsUrl: url, except: ['.direct.test', '192.0.2.0/24', '10.0.0.0/99'] },
    },
    resolve,
  );
});
afterEach(() => void asked.splice(0));
afterAll(async () => {
  await client.close();
  await secure.stop();
  proxy.closeAllConnections();
  await new Promise((closed) => proxy.close(closed));
});

async function get(url: string): Promise<string> {
  return readText((await client.send({ method: 'GET', url })).body, 1000);
}

describe('through a proxy', () => {
  const credentials = `Basic ${Buffer.from('user:pass').toString('base64')}`;

  it('goes what is not on this machine, by tunnel where it is https', async () => {
    expect(await get('https://secure.test/')).toBe('secure');
    expect(await get('http://plain.test/a?b=c')).toBe('by the proxy');
    expect(asked).toEqual([`CONNECT secure.test:443 ${credentials}`, `GET http://plain.test/a?b=c ${credentials}`]);
  });

  it('goes nothing that is internal, as far as we can tell', async () => {
    for (const host of ['169.254.169.254', '10.0.0.1', 'inside.test'])
      await expect(get(`http://${host}/`)).rejects.toThrow(OutboundAddressRefusedError);
    expect(asked).toEqual([]);
  });

  it('goes nothing that is to be called directly, nor what is on this machine', async () => {
    await expect(get('http://any.direct.test/')).rejects.toThrow(OutboundUnreachableError);
    await expect(get('http://192.0.2.1/')).rejects.toThrow(OutboundAddressRefusedError);
    expect(await get(secure.url())).toBe('secure');
    expect(asked).toEqual([]);
  });
});
