import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NatsPortInUseError, NatsServerMissingError, NatsServerStartError } from './errors.js';
import { findNatsServer } from './find-nats-server.js';
import { startNatsServer, type NatsServer, type NatsServerOptions } from './start-nats-server.js';

let root: string;
let started: NatsServer[];

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'nats-server-'));
  started = [];
});
afterEach(async () => {
  await Promise.all(started.map((server) => server.stop('SIGKILL')));
  await rm(root, { recursive: true, force: true });
});

describe('findNatsServer', () => {
  it('prefers the given directories, in their order', async () => {
    await writeFile(join(root, 'nats-server'), '#!/bin/sh\n', { mode: 0o755 });
    expect(await findNatsServer(`/nowhere:${root}`)).toBe(join(root, 'nats-server'));
  });

  it('does not take a file that cannot be run', async () => {
    await writeFile(join(root, 'nats-server'), 'notes', { mode: 0o644 });
    const found = await findNatsServer(root).catch((error: unknown) => error);
    expect(found === join(root, 'nats-server')).toBe(false);
  });
});

// Skipped by hand: `describeWithNats` lives in libs/testing, which is built on this lib.
const isInstalled = await findNatsServer('').then(
  () => true,
  (error: unknown) => !(error instanceof NatsServerMissingError),
);
(isInstalled ? describe : describe.skip)('startNatsServer', () => {
  it('serves JetStream on a free port and keeps its configuration to itself', async () => {
    const server = await start({ password: 'p@ss' });
    expect(await greeting(server)).toMatchObject({ jetstream: true, auth_required: true, port: server.port });
    expect(server.url).toBe(`nats://breakwater:p%40ss@127.0.0.1:${server.port}`);
    expect((await stat(join(root, 'data', 'nats-server.conf'))).mode & 0o777).toBe(0o600);
  });

  it('starts again on the same port and folder after kill -9', async () => {
    const first = await start({});
    await first.stop('SIGKILL');
    expect(await first.exited).toMatchObject({ signal: 'SIGKILL' });
    const second = await start({ port: first.port });
    expect(second.url).toBe(first.url);
    expect(await greeting(second)).toMatchObject({ jetstream: true });
  });

  it('refuses a port in use', async () => {
    const occupant = createServer().listen(0, '127.0.0.1');
    await once(occupant, 'listening');
    await expect(start({ port: (occupant.address() as AddressInfo).port })).rejects.toThrow(NatsPortInUseError);
    occupant.close();
  });

  it('repeats the last words of a server that does not start', async () => {
    const refused = start({ extraConfiguration: 'no_such_setting: 1' });
    await expect(refused).rejects.toThrow(NatsServerStartError);
    await expect(refused).rejects.toThrow(/no_such_setting/);
  });
});

async function start(options: Partial<NatsServerOptions>): Promise<NatsServer> {
  const program = await findNatsServer('');
  const server = await startNatsServer({ program, dataDirectory: join(root, 'data'), port: 0, ...options });
  started.push(server);
  return server;
}

/** What a NATS server says first: `INFO {…}`. */
async function greeting(server: NatsServer): Promise<object> {
  const socket = connect(server.port, '127.0.0.1');
  const [data] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  return JSON.parse(data.toString().replace(/^INFO /, '')) as object;
}
