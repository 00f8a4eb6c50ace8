import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { NatsPortInUseError, NatsServerStartError } from './errors.js';

export interface NatsServerOptions {
  /** Absolute path of the program, from `findNatsServer`. */
  readonly program: string;
  /** JetStream's store and the configuration file; made if it is missing. One running server per folder. */
  readonly dataDirectory: string;
  /** On 127.0.0.1. 0 takes any free one. */
  readonly port: number;
  /** When given, clients must know it. Without it every user of this machine may connect. */
  readonly password?: string;
  /** More of nats-server's own configuration language, e.g. `accounts { … }`. */
  readonly extraConfiguration?: string;
  /** nats-server's own log, by the line. */
  readonly log?: (line: string) => void;
}

export interface NatsServer {
  /** `nats://127.0.0.1:port`, with user and password if there is one: then it is a secret. */
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** Settles when the process is gone, by `stop` or by accident. */
  readonly exited: Promise<NatsServerExit>;
  /** `SIGTERM` lets clients go first; `SIGKILL` is for tests of what a crash leaves. */
  stop(signal?: 'SIGTERM' | 'SIGKILL'): Promise<void>;
}

export interface NatsServerExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The last lines of its log. */
  readonly lastWords: string;
}

/**
 * Runs nats-server with JetStream as a child of this process and waits until it takes connections.
 *
 * It ends when this thread ends, even by kill -9. Ctrl-C in the terminal reaches this process only.
 *
 * @throws NatsPortInUseError  the port is taken (never for port 0).
 * @throws NatsServerStartError  anything else; the message holds its last words.
 */
export async function startNatsServer(options: NatsServerOptions): Promise<NatsServer> {
  const dataDirectory = resolve(options.dataDirectory);
  await mkdir(dataDirectory, { recursive: true, mode: 0o700 });
  const configurationFile = join(dataDirectory, 'nats-server.conf');
  await writeFile(configurationFile, configuration(options, dataDirectory), { mode: 0o600 });

  const isMortal = await promisify(execFile)('setpriv', ['--pdeathsig', 'TERM', 'true']).then(
    () => true,
    () => false,
  );
  const command = [...(isMortal ? MORTAL : []), options.program, '--config', configurationFile];
  const child = spawn(command[0] ?? '', command.slice(1), {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' },
    detached: true, // its own process group: Ctrl-C must not stop it before those who use it
  });
  const lines: string[] = [];
  const exited = once(child, 'close').then(([code, signal]) => ({
    code: code as number | null,
    signal: signal as NodeJS.Signals | null,
    lastWords: lines.join('\n'),
  }));
  const port = await new Promise<number>((ready, failed) => {
    let listening = 0;
    createInterface({ input: child.stderr as NodeJS.ReadableStream }).on('line', (line) => {
      lines.push(line);
      if (lines.length > LAST_WORDS) lines.shift();
      options.log?.(line);
      listening = Number(/Listening for client connections on .*:(\d+)$/.exec(line)?.[1] ?? listening);
      if (line.includes('Server is ready')) ready(listening);
    });
    exited.then(({ lastWords }) => failed(errorFromLog(lastWords, options.port)), failed);
  });
  const credentials = options.password === undefined ? '' : `${USER}:${encodeURIComponent(options.password)}@`;
  return {
    url: `nats://${credentials}127.0.0.1:${port}`,
    port,
    pid: child.pid as number,
    exited,
    stop: stopper(child, exited),
  };
}

const USER = 'breakwater';
const MORTAL = ['setpriv', '--pdeathsig', 'TERM', '--'];
const LAST_WORDS = 20;
/** It closes its clients' connections within seconds; one that does not is stuck. */
const STOP_TIMEOUT_MS = 15_000;

function configuration(options: NatsServerOptions, dataDirectory: string): string {
  const { port, password, extraConfiguration = '' } = options;
  const lines = [
    'host: 127.0.0.1',
    `port: ${port === 0 ? -1 : port}`,
    `jetstream { store_dir: ${JSON.stringify(join(dataDirectory, 'jetstream'))} }`,
    ...(password === undefined ? [] : [`authorization { user: ${USER}, password: ${JSON.stringify(password)} }`]),
    extraConfiguration,
  ];
  return `${lines.join('\n')}\n`;
}

function errorFromLog(lastWords: string, port: number): Error {
  return /address already in use/i.test(lastWords) ? new NatsPortInUseError(port) : new NatsServerStartError(lastWords);
}

function stopper(child: ChildProcess, exited: Promise<NatsServerExit>): NatsServer['stop'] {
  return async (signal = 'SIGTERM') => {
    child.kill(signal);
    const impatience = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
    await exited;
    clearTimeout(impatience);
  };
}
