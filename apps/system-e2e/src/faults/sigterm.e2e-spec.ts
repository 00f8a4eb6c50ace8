import { eventually } from '@breakwater/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { basic } from '../system/api.js';
import { Cluster, LONG_LIVES } from './cluster/cluster.js';
import { faultsConfig } from './faults.config.js';
import { digestOf } from './load/content.js';
import { Pushing } from './load/pushing.js';
import { closing } from './load/upload-session.js';
import { Wire } from './load/wire.js';
import { expectAllIsWell } from './proof/all-is-well.js';
import { Random } from './random.js';

const MIB = 2 ** 20;
const PUSH_BYTES = 200 * MIB;
/** More than what the sockets between client and registry can hold. */
const PULL_BYTES = 48 * MIB;
const seed = faultsConfig.seed();

describe(`SIGTERM in the middle of a push and a pull (seed ${seed})`, () => {
  const random = new Random(seed);
  const piece = random.bytes(4 * MIB);
  let cluster: Cluster;
  let wire: Wire;
  let authorization: string;
  let repository: string;
  let pulled: { readonly digest: string; readonly bytes: Buffer };

  beforeAll(async () => {
    cluster = await Cluster.start({
      registries: 3,
      lives: LONG_LIVES,
      environmentOf: {
        'registry-1': { BREAKWATER_SHUTDOWN_GRACE_SECONDS: '300' },
        'registry-2': { BREAKWATER_SHUTDOWN_GRACE_SECONDS: '1' },
      },
    });
    authorization = basic(cluster.api.admin);
    wire = new Wire(authorization);
    repository = `${await cluster.api.project()}/app`;
    const bytes = random.bytes(PULL_BYTES);
    pulled = { bytes, digest: digestOf(bytes) };
    await pushingTo(2).blob({ mediaType: '', ...pulled });
  }, 360_000);

  afterAll(async () => {
    wire?.close();
    await cluster?.stop();
  });

  const portOf = (registry: number): number => cluster.ports[registry] ?? 0;
  const pushingTo = (registry: number): Pushing => new Pushing(wire, portOf(registry), repository);

  it('finishes both, takes nothing new, gives everything back, and ends with 0', async () => {
    const location = await pushingTo(0).session();
    const hash = createHash('sha256');
    const push = begin(portOf(0), 'PATCH', location, { 'content-length': String(PUSH_BYTES) });
    await send(push, PUSH_BYTES / 2, hash);
    const pull = begin(portOf(0), 'GET', `/v2/${repository}/blobs/${pulled.digest}`);
    pull.end();
    const [slow] = (await once(pull, 'response')) as [IncomingMessage];
    slow.pause();
    await untilWriters(1);

    const ended = cluster.registries[0]?.terminate();
    await eventually(() => expect(connectTo(portOf(0))).resolves.toBe('ECONNREFUSED'));
    await send(push, PUSH_BYTES / 2, hash);
    push.end();
    const [answer] = (await once(push, 'response')) as [IncomingMessage];
    answer.resume();
    expect([answer.statusCode, answer.headers.range, answer.headers.connection]).toEqual([
      202,
      `0-${PUSH_BYTES - 1}`,
      'close',
    ]);
    expect([slow.statusCode, await digestOfStream(slow)]).toEqual([200, pulled.digest]);
    expect(await ended).toBe(0);
    await untilWriters(0);

    const digest = `sha256:${hash.digest('hex')}`;
    expect(await pushingTo(2).ask('PUT', closing(location, digest))).toMatchObject({ status: 201 });
    const whole = begin(portOf(2), 'GET', `/v2/${repository}/blobs/${digest}`);
    whole.end();
    const [stored] = (await once(whole, 'response')) as [IncomingMessage];
    expect(await digestOfStream(stored)).toBe(digest);
  }, 450_000);

  it('cuts off what takes longer than the grace period, so that another replica goes on at once', async () => {
    const content = Buffer.concat([piece, piece, piece]);
    const location = await pushingTo(1).session();
    const push = begin(portOf(1), 'PATCH', location, { 'content-length': String(content.length) });
    push.on('error', () => undefined);
    await send(push, piece.length, createHash('sha256'));
    await untilWriters(1);
    expect(await cluster.registries[1]?.terminate()).toBe(0);
    await untilWriters(0);
    const other = pushingTo(2);
    const received = await other.received(location);
    expect(received).toBeLessThanOrEqual(piece.length);
    expect(await other.chunk(location, received, content.subarray(received))).toMatchObject({ status: 202 });
    expect(await other.ask('PUT', closing(location, digestOf(content)))).toMatchObject({ status: 201 });
    push.destroy();
  });

  it('ends core and jobservice with 0 as well', async () => {
    const codes = await Promise.all([cluster.core, ...cluster.jobservices].map((app) => app.terminate()));
    expect(codes).toEqual([0, 0]);
    await Promise.all(
      [cluster.core, ...cluster.jobservices, ...cluster.registries.slice(0, 2)].map((app) => app.start()),
    );
    await expectAllIsWell(cluster, wire);
  }, 450_000);

  function begin(
    port: number,
    method: string,
    target: string,
    headers: Readonly<Record<string, string>> = {},
  ): ClientRequest {
    const { pathname, search } = new URL(target, 'http://relative');
    const all = { ...headers, authorization };
    return httpRequest({ host: '127.0.0.1', port, method, path: pathname + search, headers: all, agent: false });
  }

  /** Sends the same piece again and again; resolves when the kernel has taken nearly all of it. */
  async function send(to: ClientRequest, bytes: number, hash: ReturnType<typeof createHash>): Promise<void> {
    for (let left = bytes; left > 0; left -= piece.length) {
      hash.update(piece);
      if (!to.write(piece)) await once(to, 'drain');
    }
  }

  async function untilWriters(count: number): Promise<void> {
    await eventually(async () =>
      expect(await cluster.rows('SELECT id FROM upload WHERE writer IS NOT NULL')).toHaveLength(count),
    );
  }
});

function connectTo(port: number): Promise<string> {
  return new Promise((done) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.once('connect', () => {
      socket.destroy();
      done('connected');
    });
    socket.once('error', (error: NodeJS.ErrnoException) => done(error.code ?? ''));
  });
}

async function digestOfStream(stream: AsyncIterable<unknown>): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of stream) hash.update(chunk as Buffer);
  return `sha256:${hash.digest('hex')}`;
}
