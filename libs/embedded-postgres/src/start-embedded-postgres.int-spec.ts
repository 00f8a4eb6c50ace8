import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setImmediate as turn } from 'node:timers/promises';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import {
  PostgresAlreadyRunningError,
  PostgresFolderError,
  PostgresPortInUseError,
  PostgresVersionError,
} from './errors.js';
import { isServing } from './postmaster.js';
import { findPostmaster } from './postmaster.js';
import { startEmbeddedPostgres, type EmbeddedPostgres } from './start-embedded-postgres.js';
import { stopRunningPostgres } from './stop-running-postgres.js';
import { identityFor } from './unprivileged.js';

const settings = { fsync: 'off', shared_buffers: '16MB' };
const NOBODY = 65_534;

let root: string;
let dataDirectory: string;
let started: EmbeddedPostgres[];

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'embedded-postgres-'));
  dataDirectory = join(root, 'data');
  started = [];
});
afterEach(async () => {
  await Promise.all(started.map((postgres) => postgres.stop('immediate')));
  await rm(root, { recursive: true, force: true });
});

describe('startEmbeddedPostgres', () => {
  it('makes a cluster at the first start and finds its data again at the second', async () => {
    const first = await start();
    await query(first.url, `CREATE TABLE kept AS SELECT 'yes' AS answer`);
    await first.stop();
    expect((await first.exited).code).toBe(0);

    const second = await start();
    expect(await query(second.url, 'SELECT answer FROM kept')).toEqual([{ answer: 'yes' }]);
    expect(await query(second.url, `SELECT current_database() AS name, current_setting('fsync') AS fsync`)).toEqual([
      { name: 'breakwater', fsync: 'off' },
    ]);
    expect((await stat(join(dataDirectory, 'password'))).mode & 0o777).toBe(0o600);
  });

  it('lets nobody in without the password', async () => {
    const postgres = await start();
    const url = new URL(postgres.url);
    url.password = 'guess';
    await expect(query(url.href, 'SELECT 1')).rejects.toMatchObject({ code: '28P01' });
  });

  it('starts although a killed predecessor left a pid file that names a living process of another program', async () => {
    const killed = await start();
    await query(killed.url, `CREATE TABLE kept AS SELECT 'yes' AS answer`);
    process.kill(killed.pid, 'SIGKILL');
    await killed.exited;
    const pidFile = join(dataDirectory, 'cluster', 'postmaster.pid');
    const [, ...rest] = (await readFile(pidFile, 'utf8')).split('\n');
    await writeFile(pidFile, [process.pid, ...rest].join('\n'));

    const postgres = await start();
    expect(await query(postgres.url, 'SELECT answer FROM kept')).toEqual([{ answer: 'yes' }]);
  });

  it('waits for workers that outlive their killed predecessor', async () => {
    const killed = await start();
    await query(killed.url, `CREATE TABLE kept AS SELECT 'yes' AS answer`);
    const worker = await aChildOf(killed.pid);
    // As one that has to wait for a processor or the disk.
    process.kill(worker, 'SIGSTOP');
    process.kill(killed.pid, 'SIGKILL');
    while ((await findPostmaster(join(dataDirectory, 'cluster'))) !== null) await turn();
    const log = (line: string): void => {
      if (line.includes('pre-existing shared memory block')) process.kill(worker, 'SIGCONT');
    };
    const postgres = await startEmbeddedPostgres({ dataDirectory, port: 0, settings, log });
    started.push(postgres);
    expect(await query(postgres.url, 'SELECT answer FROM kept')).toEqual([{ answer: 'yes' }]);
  });

  it('makes the cluster anew when its making was interrupted', async () => {
    await mkdir(join(dataDirectory, 'cluster.unfinished', 'base'), { recursive: true });
    await writeFile(join(dataDirectory, 'cluster.unfinished', 'PG_VERSION'), '18\n');
    const postgres = await start();
    expect(await query(postgres.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it('ends with the process that started it, even by kill -9', async () => {
    const supervisor = await startInProcess({});
    supervisor.child.kill('SIGKILL');
    await once(supervisor.child, 'close');
    await endedByItself(supervisor.pid);
    const postgres = await start();
    expect(postgres.pid).not.toBe(supervisor.pid);
  });

  (process.getuid?.() === 0 ? it : it.skip)('runs as an ordinary user (needs root)', async () => {
    await mkdir(dataDirectory);
    await chown(root, NOBODY, NOBODY);
    await chown(dataDirectory, NOBODY, NOBODY);
    const supervisor = await startInProcess({ uid: NOBODY, gid: NOBODY });
    expect((await stat(join(dataDirectory, 'cluster'))).uid).toBe(NOBODY);
    supervisor.child.kill('SIGKILL');
    await once(supervisor.child, 'close');
    await endedByItself(supervisor.pid);

    // Started by root again, on files that belong to that user.
    const postgres = await start();
    expect(await query(postgres.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });
});

describe('startEmbeddedPostgres refuses, and says why', () => {
  it('a port in use', async () => {
    const occupant = createServer().listen(0, '127.0.0.1');
    await once(occupant, 'listening');
    const { port } = occupant.address() as AddressInfo;
    await expect(startEmbeddedPostgres({ dataDirectory, port, settings })).rejects.toThrow(PostgresPortInUseError);
    occupant.close();
  });

  it('a folder that a living PostgreSQL serves', async () => {
    const postgres = await start();
    const refused = startEmbeddedPostgres({ dataDirectory, port: 0, settings });
    await expect(refused).rejects.toThrow(PostgresAlreadyRunningError);
    await expect(refused).rejects.toMatchObject({ pid: postgres.pid });
    expect(await stopRunningPostgres(dataDirectory)).toBe(true);
    expect(await stopRunningPostgres(dataDirectory)).toBe(false);
  });

  it('data of another major version, untouched', async () => {
    await mkdir(join(dataDirectory, 'cluster'), { recursive: true });
    await writeFile(join(dataDirectory, 'cluster', 'PG_VERSION'), '9\n');
    await expect(start()).rejects.toThrow(PostgresVersionError);
    expect(await readFile(join(dataDirectory, 'cluster', 'PG_VERSION'), 'utf8')).toBe('9\n');
  });

  it('a folder that cannot be', async () => {
    await writeFile(join(root, 'file'), '');
    const below = join(root, 'file', 'data');
    await expect(startEmbeddedPostgres({ dataDirectory: below, port: 0 })).rejects.toThrow(PostgresFolderError);
  });

  (process.getuid?.() === 0 ? it.skip : it)(
    'a folder that this user may not write (needs an ordinary user)',
    async () => {
      await chmod(root, 0o500);
      await expect(start()).rejects.toThrow(PostgresFolderError);
      await chmod(root, 0o700);
    },
  );

  it('a cluster whose password is gone', async () => {
    await (await start()).stop();
    await rm(join(dataDirectory, 'password'));
    await expect(start()).rejects.toThrow(/password is gone/);
  });

  it('a setting that PostgreSQL does not know, in its own words', async () => {
    const refused = startEmbeddedPostgres({ dataDirectory, port: 0, settings: { no_such_setting: 'on' } });
    await expect(refused).rejects.toThrow(/no_such_setting/);
  });
});

async function start(): Promise<EmbeddedPostgres> {
  const postgres = await startEmbeddedPostgres({ dataDirectory, port: 0, settings });
  started.push(postgres);
  return postgres;
}

async function aChildOf(pid: number): Promise<number> {
  const [child] = /^\d+/.exec(await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')) ?? [];
  if (child === undefined) throw new Error(`process ${pid} has no child`);
  return Number(child);
}

/** A supervisor of its own, as `npm start` is one. */
async function startInProcess(as: { uid?: number; gid?: number }): Promise<{ child: ChildProcess; pid: number }> {
  const hooks = new URL('../../testing/src/jest/typescript-hooks.mjs', import.meta.url).href;
  const source = new URL('./start-embedded-postgres.ts', import.meta.url).href;
  const program = `
    const { startEmbeddedPostgres } = await import(${JSON.stringify(source)});
    const postgres = await startEmbeddedPostgres(${JSON.stringify({ dataDirectory, port: 0, settings })});
    console.log(postgres.pid);
    setInterval(() => {}, 1000);`;
  const args = ['--import', hooks, '--input-type=module', '--eval', program];
  const child = spawn(process.execPath, args, { ...as, stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const line of createInterface({ input: child.stdout })) return { child, pid: Number(line) };
  throw new Error('the supervisor ended before PostgreSQL started');
}

/**
 * The kernel has signalled it by now; it ends as soon as it has written everything down. Only a machine without
 * `setpriv` leaves it behind, for the stop command.
 */
async function endedByItself(pid: number): Promise<void> {
  const { prefix } = await identityFor(dataDirectory);
  if (!prefix.includes('--pdeathsig')) await stopRunningPostgres(dataDirectory);
  while (await isServing(pid, join(dataDirectory, 'cluster'))) await delay(20);
}

async function query(url: string, sql: string): Promise<object[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}
