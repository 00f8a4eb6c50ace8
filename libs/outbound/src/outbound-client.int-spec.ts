import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '@breakwater/testing';
import type { RequestListener } from 'node:http';
import { createServer, type Server } from 'node:net';
import { OutboundClient } from './outbound-client.js';
import type { OutboundOptions } from './outbound-options.js';
import {
  InvalidOutboundRequestError,
  OutboundAbortedError,
  OutboundAddressRefusedError,
  OutboundBrokenAnswerError,
  OutboundRedirectError,
  OutboundTimeoutError,
  OutboundTlsError,
  OutboundTooLargeError,
  OutboundUnreachableError,
} from './outbound.errors.js';
import type { OutboundRequest } from './outbound-request.js';
import { readText } from './read-text.js';
import { TEST_CERTIFICATE } from './testing/certificate.js';
import { TestServer } from './testing/test-server.js';

const ROUTES: Record<string, RequestListener> = {
  '/': (_, response) => response.end('hello'),
  '/silent': () => undefined,
  '/stops': (_, response) => response.write('begins'),
  '/drips': (_, response) => {
    const drip = setInterval(() => response.write('.'), 5);
    response.once('close', () => clearInterval(drip));
  },
  '/announces-much': (_, response) => response.setHeader('content-length', '5000').end('x'.repeat(5000)),
  '/sends-much': (_, response) => {
    const more = (): boolean => response.destroyed || response.write(Buffer.alloc(65_536));
    response.on('drain', () => void more());
    more();
  },
  '/breaks': (_, response) => {
    response.writeHead(200, { 'content-length': '10' });
    response.write('half', () => response.destroy());
  },
  '/here': (_, response) => response.writeHead(302, { location: '/' }).end(),
  '/loop': (_, response) => response.writeHead(302, { location: '/loop' }).end(),
  '/nowhere': (_, response) => response.writeHead(302).end(),
  '/see-other': (_, response) => response.writeHead(303, { location: '/' }).end(),
  '/again': (_, response) => response.writeHead(307, { location: '/' }).end(),
};

/** Names of these tests, as a resolver would have them. */
const names: Record<string, string[]> = {};
const resolve = async (host: string): Promise<{ address: string; family: number }[]> =>
  (names[host] ?? []).map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));

let server: TestServer;
let elsewhere: TestServer;
let secure: TestServer;
const clients: OutboundClient[] = [];

beforeAll(async () => {
  const route: RequestListener = (request, response) => {
    const away = /^\/to\?(.*)$/.exec(request.url ?? '')?.[1];
    if (away) response.writeHead(302, { location: decodeURIComponent(away) }).end();
    else void (ROUTES[request.url ?? ''] ?? ROUTES['/'])?.(request, response);
  };
  server = await TestServer.start(route);
  // The same port at another address: what a name that was checked could be turned to.
  elsewhere = await TestServer.start(route, { host: '127.0.0.2', port: server.port });
  secure = await TestServer.start(route, { isTls: true });
});
afterEach(async () => {
  await Promise.all(clients.splice(0).map((one) => one.close()));
  for (const one of [server, elsewhere, secure]) one.received.length = 0;
});
afterAll(async () => {
  await Promise.all([server.stop(), elsewhere.stop(), secure.stop()]);
});

/** May call 127.0.0.1, and no other address of this machine. */
function client(options: Partial<OutboundOptions> = {}): OutboundClient {
  const created = new OutboundClient({ allow: ['127.0.0.1'], ...options }, resolve);
  clients.push(created);
  return created;
}

function get(
  path: string,
  request: Partial<OutboundRequest> = {},
  options: Partial<OutboundOptions> = {},
): Promise<string> {
  return text(client(options), { method: 'GET', url: server.url(path), ...request });
}

async function text(sender: OutboundClient, request: OutboundRequest): Promise<string> {
  const { body } = await sender.send(request);
  return readText(body, 2 ** 20);
}

describe('a call', () => {
  it('has its method, headers and body, and its answer', async () => {
    const answer = await client().send({
      method: 'post',
      url: server.url('/path?q=1'),
      headers: { 'X-Own': 'a', 'Content-Type': 'application/json', Host: 'other.test' },
      body: '{"ä":1}',
    });
    expect(answer).toMatchObject({ status: 200, headers: { connection: 'keep-alive' } });
    expect(await readText(answer.body, 100)).toBe('hello');
    expect(server.received).toEqual([
      {
        method: 'POST',
        path: '/path?q=1',
        body: '{"ä":1}',
        headers: expect.objectContaining({
          'x-own': 'a',
          host: `127.0.0.1:${server.port}`,
          'user-agent': 'breakwater',
        }) as unknown,
      },
    ]);
  });

  it('signs in with what the address says, unless told otherwise', async () => {
    const url = server.url().replace('//', '//user%C3%A4:p%3Aw%@');
    await get('/', { url });
    await get('/', { url, headers: { Authorization: 'Bearer x' } });
    const basic = `Basic ${Buffer.from('userä:p:w%').toString('base64')}`;
    expect(server.received.map(({ headers }) => headers.authorization)).toEqual([basic, 'Bearer x']);
  });

  it.each(['ftp://127.0.0.1/', 'file:///etc/passwd', 'scanner:8080', '', 'http://'])(
    'is not made to %j',
    async (url) => {
      await expect(get('/', { url })).rejects.toThrow(InvalidOutboundRequestError);
    },
  );

  it('is not made with a header that would be two', async () => {
    const headers = { authorization: 'Basic secret\r\nX-Other: 1' };
    const error = await get('/', { headers }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(InvalidOutboundRequestError);
    expect(String(error)).not.toContain('secret');
  });

  it('waits for a connection rather than to make more than its share', async () => {
    const own = await TestServer.start((_, response) => void setImmediate(() => response.end('hello')));
    const sender = client({ maxConnectionsPerOrigin: 2 });
    await Promise.all(Array.from({ length: 8 }, () => text(sender, { method: 'GET', url: own.url() })));
    expect([own.received.length, own.mostSockets]).toEqual([8, 2]);
    await own.stop();
  });

  it('that reads is made again when the kept connection was just closed', async () => {
    let answered = 0;
    // Closes the connection after one answer, without having said so.
    const closing = await TestServer.start((request, response) => {
      if (answered++ === 1) request.socket.destroy();
      else response.end('hello');
    });
    const sender = client();
    await text(sender, { method: 'GET', url: closing.url() });
    expect(await text(sender, { method: 'GET', url: closing.url() })).toBe('hello');
    expect(closing.received).toHaveLength(3);
    await closing.stop();
  });
});

describe('an internal address', () => {
  it.each([
    ['127.0.0.2'],
    ['127.2'],
    ['2130706434'],
    ['0x7f.0.0.2'],
    ['0177.0.0.2'],
    ['[::ffff:127.0.0.2]'],
    ['[::ffff:7f00:2]'],
    ['[64:ff9b::7f00:2]'],
    ['[::1]'],
    ['0.0.0.0'],
    ['169.254.169.254'],
  ])('is refused as %s', async (host) => {
    await expect(get('/', { url: server.url('/', host) })).rejects.toThrow(OutboundAddressRefusedError);
    expect(elsewhere.received).toHaveLength(0);
  });

  it('is refused behind a name, and the name passes when it is allowed', async () => {
    names['inside.test'] = ['127.0.0.2'];
    const url = server.url('/', 'inside.test');
    await expect(get('/', { url })).rejects.toThrow(OutboundAddressRefusedError);
    expect(elsewhere.received).toHaveLength(0);
    expect(await get('/', { url }, { allow: ['inside.test'] })).toBe('hello');
    expect(elsewhere.received).toHaveLength(1);
  });

  it('is passed over where a name has another', async () => {
    names['both.test'] = ['127.0.0.2', '127.0.0.1'];
    await get('/', { url: server.url('/', 'both.test') });
    expect([server.received.length, elsewhere.received.length]).toEqual([1, 0]);
  });

  it('gains nothing from a name that is turned to it after the check', async () => {
    const turning = ['127.0.0.1', '127.0.0.2'];
    const asked: string[] = [];
    const sender = new OutboundClient({ allow: ['127.0.0.1'] }, async () => {
      const address = turning[Math.min(asked.length, 1)] ?? '';
      asked.push(address);
      return [{ address, family: 4 }];
    });
    clients.push(sender);
    const url = server.url('/', 'turning.test');
    expect(await text(sender, { method: 'GET', url })).toBe('hello');
    // One question, and the connection went to its answer.
    expect(asked).toEqual(['127.0.0.1']);
    for (const socket of server.sockets) socket.destroy();
    await eventually(() => expect(text(sender, { method: 'GET', url })).rejects.toThrow(OutboundAddressRefusedError));
    expect(elsewhere.received).toHaveLength(0);
  });

  it('is told when it is configured', async () => {
    names['inside.test'] = ['10.0.0.1'];
    await expect(client().check('https://inside.test/hook')).rejects.toThrow(OutboundAddressRefusedError);
    await expect(client().check('http://[::1]:8080')).rejects.toThrow(OutboundAddressRefusedError);
    await expect(client().check('nothing')).rejects.toThrow(InvalidOutboundRequestError);
    await client().check('https://not-there-yet.test/');
    await client().check(server.url());
  });
});

describe('a redirect', () => {
  it('is an answer, unless it is to be followed', async () => {
    const { status, headers, body } = await client().send({ method: 'GET', url: server.url('/here') });
    body.destroy();
    expect([status, headers['location']]).toEqual([302, '/']);
    expect(await get('/here', { maxRedirects: 3 })).toBe('hello');
  });

  it('to an internal address is refused', async () => {
    for (const target of [elsewhere.url(), 'http://169.254.169.254/latest/meta-data'])
      await expect(get(`/to?${encodeURIComponent(target)}`, { maxRedirects: 3 })).rejects.toThrow(
        OutboundAddressRefusedError,
      );
    expect(elsewhere.received).toHaveLength(0);
  });

  it('takes credentials along to the same origin only', async () => {
    const headers = { Authorization: 'Basic x', Cookie: 'a=b', 'X-ScannerAdapter-API-Key': 'k', Accept: 'text/x' };
    const options = { allow: ['127.0.0.0/8'] };
    await get('/here', { headers, maxRedirects: 1 }, options);
    expect(server.received.at(-1)?.headers).toMatchObject({ authorization: 'Basic x', cookie: 'a=b' });
    await get(`/to?${encodeURIComponent(elsewhere.url())}`, { headers, maxRedirects: 1 }, options);
    const arrived = elsewhere.received[0]?.headers ?? {};
    expect(arrived.accept).toBe('text/x');
    expect(Object.keys(arrived).filter((name) => /auth|cookie|key/i.test(name))).toEqual([]);
  });

  it('takes a body along only where the status says so', async () => {
    const post = { method: 'POST', body: 'data', headers: { 'content-type': 'a/b' }, maxRedirects: 1 };
    await get('/again', post);
    expect(server.received.at(-1)).toMatchObject({ method: 'POST', body: 'data' });
    await get('/see-other', post);
    expect(server.received.at(-1)).toMatchObject({ method: 'GET', body: '' });
    expect(server.received.at(-1)?.headers).not.toHaveProperty('content-type');
  });

  it.each(['/loop', '/nowhere', '/to?file:///etc/passwd'])('%s is given up', async (path) => {
    await expect(get(path, { maxRedirects: 5 })).rejects.toThrow(OutboundRedirectError);
    expect(server.received.length).toBeLessThanOrEqual(6);
  });

  it('from https to http is not followed', async () => {
    const url = secure.url(`/to?${encodeURIComponent(server.url())}`);
    await expect(get('/', { url, tls: { isVerified: false }, maxRedirects: 3 })).rejects.toThrow(OutboundRedirectError);
    expect(server.received).toHaveLength(0);
  });
});

describe('a limit', () => {
  it.each([
    ['/silent', 'headers', { headersTimeoutMs: 50 }],
    ['/stops', 'idle', { idleTimeoutMs: 50 }],
    ['/drips', 'deadline', { deadlineMs: 100 }],
    ['/silent', 'deadline', { deadlineMs: 50 }],
    ['/sends-much', 'deadline', { deadlineMs: 100, maxResponseBytes: Infinity }],
  ] as const)('ends %s: %s', async (path, phase, limits) => {
    const call = client()
      .send({ method: 'GET', url: server.url(path), limits })
      .then(async ({ body }) => {
        for await (const _ of body);
      });
    await expect(call).rejects.toMatchObject({ code: 'OUTBOUND_TIMEOUT', phase });
    await expect(call).rejects.toThrow(OutboundTimeoutError);
    await connectionsGone();
  });

  it('ends a name that does not resolve in time', async () => {
    const sender = new OutboundClient({ allow: [], connectTimeoutMs: 50 }, () => new Promise(() => undefined));
    clients.push(sender);
    await expect(text(sender, { method: 'GET', url: 'http://slow.test/' })).rejects.toMatchObject({ phase: 'connect' });
  });

  it.each(['/announces-much', '/sends-much'])('ends %s, which is too large', async (path) => {
    await expect(get(path, { limits: { maxResponseBytes: 4999 } })).rejects.toThrow(OutboundTooLargeError);
    if (path === '/sends-much') await connectionsGone();
  });

  it('that is just reached is none', async () => {
    expect(await get('/announces-much', { limits: { maxResponseBytes: 5000 } })).toHaveLength(5000);
  });
});

describe('who gives up', () => {
  it.each(['/silent', '/drips'])('by its signal, ends the call to %s and its connection', async (path) => {
    const giving = new AbortController();
    const call = get(path, { signal: giving.signal });
    call.catch(() => undefined);
    await eventually(() => expect(server.received).toHaveLength(1));
    giving.abort(new Error('not needed any more'));
    await expect(call).rejects.toThrow(OutboundAbortedError);
    await connectionsGone();
  });

  it('before it began, makes no call', async () => {
    await expect(get('/', { signal: AbortSignal.abort() })).rejects.toThrow(OutboundAbortedError);
    expect(server.received).toHaveLength(0);
  });

  it('by leaving the body, closes the connection', async () => {
    const { body } = await client().send({ method: 'GET', url: server.url('/sends-much') });
    expect(await readText(body, 10)).toHaveLength(10);
    await connectionsGone();
  });
});

describe('TLS', () => {
  const ask = (tls: OutboundRequest['tls'], options: Partial<OutboundOptions> = {}): Promise<string> =>
    get('/', { url: secure.url(), ...(tls ? { tls } : {}) }, options);

  it('trusts authorities that it was told of, or everybody when told so', async () => {
    await expect(ask(undefined)).rejects.toThrow(OutboundTlsError);
    expect(await ask({ ca: TEST_CERTIFICATE })).toBe('hello');
    expect(await ask({ isVerified: false })).toBe('hello');
    expect(await ask(undefined, { ca: TEST_CERTIFICATE })).toBe('hello');
  });

  it('looks at the name in the certificate', async () => {
    names['other.test'] = names['secure.test'] = ['127.0.0.1'];
    const url = (host: string): string => secure.url('/', host);
    const tls = { ca: TEST_CERTIFICATE };
    expect(await get('/', { url: url('secure.test'), tls })).toBe('hello');
    await expect(get('/', { url: url('other.test'), tls })).rejects.toThrow(OutboundTlsError);
  });

  it('does not use a connection that was made without a look for a call that wants one', async () => {
    const sender = client();
    await text(sender, { method: 'GET', url: secure.url(), tls: { isVerified: false } });
    await expect(text(sender, { method: 'GET', url: secure.url() })).rejects.toThrow(OutboundTlsError);
  });
});

describe('the other side', () => {
  it('that is not there is told', async () => {
    const gone = await TestServer.start(() => undefined);
    const url = gone.url();
    await gone.stop();
    await expect(get('/', { url })).rejects.toThrow(OutboundUnreachableError);
    await expect(get('/', { url: 'http://no-such.test/' })).rejects.toThrow(/has no address/);
  });

  it('that breaks off is told', async () => {
    await expect(get('/breaks')).rejects.toThrow(OutboundUnreachableError);
  });

  it('that breaks off before anybody reads is told to whoever reads then', async () => {
    const { body } = await client().send({ method: 'GET', url: server.url('/breaks') });
    await eventually(() => expect(body.destroyed).toBe(true));
    await expect(readText(body, 10)).rejects.toThrow(OutboundUnreachableError);
  });

  it('that speaks no HTTP is told', async () => {
    const raw: Server = createServer((socket) => socket.resume().end('220 mail.test ESMTP\r\n'));
    await new Promise<void>((listening) => raw.listen(0, '127.0.0.1', listening));
    const { port } = raw.address() as { port: number };
    await expect(get('/', { url: `http://127.0.0.1:${port}/` })).rejects.toThrow(OutboundBrokenAnswerError);
    await new Promise((closed) => raw.close(closed));
  });
});

/** Nothing is left open towards the server but what may be used again. */
async function connectionsGone(): Promise<void> {
  await eventually(() => expect(server.sockets.size).toBe(0));
}
