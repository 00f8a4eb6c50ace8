import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { mkdtemp, readdir, readlink, rm } from 'node:fs/promises';
import { Agent, get, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { BufferPool } from '../buffers/buffer-pool.js';
import { createBlobStore } from '../create-blob-store.js';
import { request, serve } from '../testing/http.js';
import { anObject, bytesOf, firstDifference } from '../testing/store-under-test.js';
import { FilesystemReader } from './filesystem-reader.js';
import { findSendfile, type Sendfile } from './sendfile.js';
import { Traffic } from './traffic.js';
import { Volume } from './volume.js';

const MIB = 2 ** 20;
const CONTENT = bytesOf(24 * MIB);
const WHOLE = { start: 0, end: CONTENT.length };

describe('a download by sendfile', () => {
  const real = findSendfile() as Sendfile;
  let root: string;
  let key: string;

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'breakwater-storage-'));
    const store = createBlobStore({ driver: 'filesystem', root });
    key = await anObject(store, CONTENT);
    await store.close();
  });
  afterEach(() => rm(root, { recursive: true }));

  /** As one of several that are being sent. */
  async function send(response: ServerResponse, sendfile: Sendfile, range = WHOLE): Promise<void> {
    const traffic = new Traffic();
    const parts = { volume: new Volume(root), pool: new BufferPool(), sendfile, traffic };
    const reader = await FilesystemReader.open(key, range, parts);
    response.writeHead(200, { 'content-length': range.end - range.start });
    await traffic.during(() => reader.pipeTo(response));
  }

  /** What a client gets, once the server has seen the end of it too. */
  async function received(serving: (response: ServerResponse) => Promise<void>): Promise<Buffer> {
    const sent = Promise.withResolvers<void>();
    await using server = await serve((_, response) => void serving(response).then(sent.resolve, sent.reject));
    const content = await buffer(await request(server.port));
    await sent.promise;
    return content;
  }

  it('is the way of most bytes', async () => {
    let byKernel = 0;
    const counting: Sendfile = {
      ...real,
      send: async (...call) => {
        const sent = await real.send(...call);
        byKernel += Math.max(0, sent);
        return sent;
      },
    };
    expect(firstDifference(await received((response) => send(response, counting)), CONTENT)).toBeNull();
    expect(byKernel).toBeGreaterThan(CONTENT.length / 2);
  });

  it('is not the way of a client that is alone', async () => {
    let asked = 0;
    const asking: Sendfile = { ...real, duplicate: (socket) => real.duplicate((asked++, socket)) };
    const parts = { volume: new Volume(root), pool: new BufferPool(), sendfile: asking, traffic: new Traffic() };
    const alone = async (response: ServerResponse): Promise<void> => {
      const reader = await FilesystemReader.open(key, undefined, parts);
      response.writeHead(200, { 'content-length': CONTENT.length });
      await reader.pipeTo(response);
    };
    expect(firstDifference(await received(alone), CONTENT)).toBeNull();
    expect(asked).toBe(0);
  });

  it('begins and ends where a range does', async () => {
    const ranges = [0, 1, 65_535, 5 * MIB + 7].flatMap((start) =>
      [start + MIB, 16 * MIB + 3, CONTENT.length].map((end) => ({ start, end })),
    );
    for (const range of ranges) {
      const content = await received((response) => send(response, real, range));
      expect(firstDifference(content, CONTENT.subarray(range.start, range.end))).toBeNull();
    }
  });

  it('leaves the connection good for the next request', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const sockets = new Set<unknown>();
    const sent: Promise<void>[] = [];
    await using server = await serve((incoming, response) => {
      sockets.add(incoming.socket);
      sent.push(send(response, real));
    });
    for (let count = 0; count < 3; count += 1) {
      const answer = await new Promise<IncomingMessage>((resolve) =>
        get({ port: server.port, host: '127.0.0.1', agent }, resolve),
      );
      expect(firstDifference(await buffer(answer), CONTENT)).toBeNull();
    }
    expect(sockets.size).toBe(1);
    await Promise.all(sent);
    agent.destroy();
  });

  it('goes on through buffers where the kernel refuses', async () => {
    let calls = 0;
    const refusing: Sendfile = { ...real, send: () => Promise.resolve((calls += 1) && -1) };
    expect(firstDifference(await received((response) => send(response, refusing)), CONTENT)).toBeNull();
    // The content is two legs long, and each is tried.
    expect(calls).toBe(16);
  });

  it('keeps neither socket nor file of a client that went away', async () => {
    const outcome = Promise.withResolvers<unknown>();
    const closed: Promise<unknown>[] = [];
    await using server = await serve((incoming, response) => {
      closed.push(new Promise((resolve) => incoming.socket.once('close', resolve)));
      send(response, real).then(outcome.resolve, outcome.resolve);
    });
    const before = await descriptors();
    const download = await request(server.port);
    closed.push(once(download, 'close'));
    await once(download, 'data');
    download.destroy();
    expect(await outcome.promise).toMatchObject({ reason: 'disconnected' });
    await Promise.all(closed);
    expect(await descriptors()).toEqual(before);
  });

  it('never sends to the connection that has got the number of a closed socket', async () => {
    const heard: Buffer[] = [];
    const others: Socket[] = [];
    const listenTo = (socket: Socket): void => {
      others.push(socket.on('data', (chunk) => heard.push(chunk)));
    };
    const elsewhere = createServer(listenTo);
    await once(elsewhere.listen(0, '127.0.0.1'), 'listening');
    const heir = async (number: number): Promise<void> => {
      // The system gives the lowest number that is free, so it is soon the one that we want, at either end.
      do {
        const other = connect((elsewhere.address() as AddressInfo).port, '127.0.0.1');
        listenTo(other);
        await Promise.all([once(other, 'connect'), once(elsewhere, 'connection')]);
      } while (Math.max(...others.map(descriptorOf)) < number);
      expect(others.map(descriptorOf)).toContain(number);
    };
    const outcome = Promise.withResolvers<unknown>();
    await using server = await serve((incoming, response) => {
      const number = descriptorOf(incoming.socket);
      const late: Sendfile = {
        ...real,
        // The thread gets to its work only after Node has closed the socket and another connection has its number.
        send: async (...call) => {
          response.destroy();
          await once(response, 'close');
          await heir(number);
          return real.send(...call);
        },
      };
      send(response, late).then(outcome.resolve, outcome.resolve);
    });
    const leaving = await request(server.port);
    leaving.on('error', () => undefined);
    expect(await outcome.promise).toMatchObject({ reason: 'disconnected' });
    const ended = new Promise((resolve) => elsewhere.close(resolve));
    for (const other of others) other.end();
    await ended;
    expect(Buffer.concat(heard)).toHaveLength(0);
  });
});

function descriptorOf(socket: Socket): number {
  return (socket as unknown as { readonly _handle: { readonly fd: number } })._handle.fd;
}

/** How many files and sockets this process has open. */
async function descriptors(): Promise<number> {
  const numbers = await readdir('/proc/self/fd');
  const targets = await Promise.all(numbers.map((number) => readlink(`/proc/self/fd/${number}`).catch(() => null)));
  return targets.filter((target) => target !== null).length;
}
