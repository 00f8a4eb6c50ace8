import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { clusterDirectory, prepareCluster, SUPERUSER, SYSTEM_PATH, type Cluster } from './cluster.js';
import { errorFromOutput, PostgresAlreadyRunningError, PostgresPortInUseError, PostgresStartError } from './errors.js';
import { findPostmaster } from './postmaster.js';
import { findPrograms, type PostgresPrograms } from './programs.js';

export interface EmbeddedPostgresOptions {
  /** Made at the first use, with the cluster and its password in it. One running PostgreSQL per folder. */
  readonly dataDirectory: string;
  /** On 127.0.0.1. 0 takes any free one. */
  readonly port: number;
  /** Made if it is missing. */
  readonly database?: string;
  /** Settings of postgresql.conf, e.g. `{ fsync: 'off', max_connections: 200 }`. They win over the defaults here. */
  readonly settings?: Readonly<Record<string, string | number>>;
  /** PostgreSQL's own log, by the line. */
  readonly log?: (line: string) => void;
}

export interface EmbeddedPostgres {
  /** `postgresql://user:password@127.0.0.1:port/database`: a secret. */
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** Settles when the process is gone, by `stop` or by accident. */
  readonly exited: Promise<PostgresExit>;
  /** Cuts connections, writes everything down and ends; `immediate` leaves the writing to the next start. */
  stop(mode?: 'fast' | 'immediate'): Promise<void>;
}

export interface PostgresExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The last lines of its log. */
  readonly lastWords: string;
}

/**
 * Runs PostgreSQL as a child of this process, as root or as an ordinary user, and waits until it answers.
 *
 * It ends when this thread ends, even by kill -9. Its terminal signals are its own: Ctrl-C reaches this process
 * only, which stops it when its turn comes.
 *
 * @throws PostgresPlatformError, PostgresFolderError, PostgresVersionError, PostgresNoSpaceError
 * @throws PostgresAlreadyRunningError  a living PostgreSQL serves the folder.
 * @throws PostgresPortInUseError  the port is taken (never for port 0).
 * @throws PostgresStartError  anything else; the message holds PostgreSQL's last words.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const dataDirectory = resolve(options.dataDirectory);
  const log = options.log ?? (() => undefined);
  const programs = await findPrograms();
  const isDurable = options.settings?.fsync !== 'off';
  const running = await findPostmaster(clusterDirectory(dataDirectory));
  if (running !== null) throw new PostgresAlreadyRunningError(running, dataDirectory);
  const cluster = await prepareCluster({ dataDirectory, programs, isDurable, log });

  const orphansEndBy = Date.now() + ORPHANS_END_WITHIN_MS;
  for (let attempt = 1; ;) {
    const port = options.port === 0 ? await freePort() : options.port;
    try {
      return await serve({ ...options, dataDirectory, log, port, programs, cluster });
    } catch (error) {
      if (isHeldByOrphans(error) && Date.now() < orphansEndBy) {
        await delay(ORPHANS_POLL_MS);
        continue;
      }
      // Between finding a free port and listening on it, somebody else may take it.
      if (options.port !== 0 || attempt++ === PORT_TRIES || !(error instanceof PostgresPortInUseError)) throw error;
    }
  }
}

const PORT_TRIES = 5;
/** Workers of a postmaster that was killed end as soon as they are given a processor, and have the disk. */
const ORPHANS_END_WITHIN_MS = 60_000;
const ORPHANS_POLL_MS = 100;
const READY = 'database system is ready to accept connections';
const LAST_WORDS = 20;
/** A fast shutdown that takes longer is turned into an immediate one, from which PostgreSQL recovers. */
const STOP_TIMEOUT_MS = 30_000;

interface ServeOptions extends EmbeddedPostgresOptions {
  readonly log: (line: string) => void;
  readonly programs: PostgresPrograms;
  readonly cluster: Cluster;
}

async function serve(options: ServeOptions): Promise<EmbeddedPostgres> {
  const { cluster, port } = options;
  const settings = { ...DEFAULT_SETTINGS, ...options.settings };
  const args = ['-D', cluster.directory, '-p', String(port)];
  for (const [name, value] of Object.entries(settings)) args.push('-c', `${name}=${value}`);
  const [program = '', ...rest] = [...cluster.identity.prefix, options.programs.postgres, ...args];
  const child = spawn(program, rest, {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { PATH: SYSTEM_PATH, LC_ALL: 'C' },
    detached: true, // its own process group: Ctrl-C must not stop it before those who use it
  });
  const lines: string[] = [];
  const exited = once(child, 'close').then(([code, signal]) => ({
    code: code as number | null,
    signal: signal as NodeJS.Signals | null,
    lastWords: lines.join('\n'),
  }));
  await new Promise<void>((ready, failed) => {
    createInterface({ input: child.stderr as NodeJS.ReadableStream }).on('line', (line) => {
      lines.push(line);
      if (lines.length > LAST_WORDS) lines.shift();
      options.log(line);
      if (line.includes(READY)) ready();
    });
    exited.then((exit) => failed(errorFromOutput('PostgreSQL did not start', exit.lastWords, options)), failed);
  });

  const stop = stopper(child, exited);
  const database = options.database ?? SUPERUSER;
  const urlOf = (name: string): string => `postgresql://${SUPERUSER}:${cluster.password}@127.0.0.1:${port}/${name}`;
  try {
    await ensureDatabase(urlOf('postgres'), database);
  } catch (error) {
    await stop('immediate');
    throw error;
  }
  return { url: urlOf(encodeURIComponent(database)), port, pid: child.pid as number, exited, stop };
}

const DEFAULT_SETTINGS: Readonly<Record<string, string | number>> = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '', // their paths are limited to 107 bytes, and nobody needs them
  lc_messages: 'C', // READY and errorFromOutput read English
  logging_collector: 'off',
  log_destination: 'stderr',
  timezone: 'UTC',
};

/** PostgreSQL knows them by the shared memory of the one that was killed, and touches nothing while they use it. */
function isHeldByOrphans(error: unknown): boolean {
  return error instanceof PostgresStartError && /pre-existing shared memory block .* still in use/.test(error.message);
}

function stopper(child: ChildProcess, exited: Promise<PostgresExit>): EmbeddedPostgres['stop'] {
  return async (mode = 'fast') => {
    child.kill(mode === 'fast' ? 'SIGINT' : 'SIGQUIT');
    const impatience = setTimeout(() => child.kill('SIGQUIT'), STOP_TIMEOUT_MS);
    await exited;
    clearTimeout(impatience);
  };
}

async function ensureDatabase(url: string, name: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [name]);
    if (rowCount === 0) await client.query(`CREATE DATABASE ${client.escapeIdentifier(name)}`);
  } finally {
    await client.end();
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
