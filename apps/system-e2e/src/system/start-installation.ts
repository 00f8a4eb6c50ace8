// Also loaded by Node itself, for jest's global set-up: no relative imports, and no syntax beyond erasable types.
import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createServer, type AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

export interface StartOptions {
  readonly dataDirectory: string;
  /** A free one when left out. */
  readonly port?: number;
  /** Address to listen on, and to ask by; 127.0.0.1 when left out. */
  readonly host?: string;
  /** Made up when left out; null leaves it to the installation. */
  readonly adminPassword?: string | null;
  /** Null leaves it to the installation; otherwise it is as the suites ask: by the address. */
  readonly publicUrl?: null;
  /** The environment of this process. What tells of the suites' own installation stays behind. */
  readonly inherited: NodeJS.ProcessEnv;
  /** Beside or instead of it. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Another account to run as. */
  readonly as?: { readonly uid: number; readonly gid: number };
}

/** `npm start` without what comes before it: the supervisor with everything that it starts. */
export interface StartedInstallation {
  /** `http://127.0.0.1:port`, or of the host that was asked for. */
  readonly url: string;
  readonly port: number;
  /** Empty when it was left to the installation. */
  readonly adminPassword: string;
  readonly dataDirectory: string;
  readonly supervisor: ChildProcess;
  /** From the start of the process to the first answer, in milliseconds. */
  readonly readyMs: number;
  /** All that it has printed. */
  output(): string;
  /** Resolves with the exit code; null after a signal that it could not catch. */
  readonly ended: Promise<number | null>;
  /** SIGTERM, and waits for the end. */
  stop(): Promise<number | null>;
}

const READY_WITHIN_MS = 240_000;
export const HOME: string = resolve(import.meta.dirname, '../../../..');

/** Starts an installation and waits until it serves. @throws Error with its output when it does not. */
export async function startInstallation(options: StartOptions): Promise<StartedInstallation> {
  const began = Date.now();
  const launched = await launchInstallation(options);
  const { supervisor, url, output } = launched;
  while (!(await serves(url)) || !output().includes('Breakwater is ready')) {
    if (supervisor.exitCode !== null || supervisor.signalCode !== null)
      throw new Error(`the installation ended by itself:\n${output()}`);
    if (Date.now() - began > READY_WITHIN_MS) {
      await launched.stop();
      throw new Error(`the installation did not start in time:\n${output()}`);
    }
    await delay(25);
  }
  return { ...launched, readyMs: Date.now() - began };
}

/** Starts the supervisor and waits for nothing. */
export async function launchInstallation(options: StartOptions): Promise<Omit<StartedInstallation, 'readyMs'>> {
  const port = options.port ?? (await freePort());
  const url = `http://${options.host ?? '127.0.0.1'}:${port}`;
  const adminPassword = options.adminPassword === undefined ? newPassword() : (options.adminPassword ?? '');
  const supervisor = spawn(
    process.execPath,
    ['--enable-source-maps', join(HOME, 'deploy/local/dist/main.js'), 'start'],
    {
      cwd: HOME,
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(options.as === undefined ? {} : { uid: options.as.uid, gid: options.as.gid }),
      env: {
        ...withoutOurOwn(options.inherited),
        BREAKWATER_PORT: String(port),
        ...(options.host === undefined ? {} : { BREAKWATER_HOST: options.host }),
        BREAKWATER_DATA_DIR: options.dataDirectory,
        ...(options.publicUrl === null ? {} : { BREAKWATER_PUBLIC_URL: url }),
        ...(adminPassword === '' ? {} : { BREAKWATER_ADMIN_PASSWORD: adminPassword }),
        ...options.environment,
      },
    },
  );
  let printed = '';
  for (const stream of [supervisor.stdout, supervisor.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (printed += text));
  const ended = new Promise<number | null>((done, failed) => {
    supervisor.once('error', failed);
    supervisor.once('close', (code) => done(code));
  });
  const stop = (): Promise<number | null> => {
    supervisor.kill('SIGTERM');
    return ended;
  };
  return {
    url,
    port,
    adminPassword,
    dataDirectory: options.dataDirectory,
    supervisor,
    output: () => printed,
    ended,
    stop,
  };
}

/** One that nobody listens on now. */
export function freePort(): Promise<number> {
  return new Promise((done, failed) => {
    const probe = createServer().once('error', failed);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => done(port));
    });
  });
}

export function newPassword(): string {
  return `Pw1${randomBytes(12).toString('hex')}`;
}

async function serves(url: string): Promise<boolean> {
  const answer = await fetch(`${url}/api/v2.0/ping`).catch(() => null);
  await answer?.body?.cancel();
  return answer?.status === 200;
}

/** What tells of the suites' own installation must not reach another one. */
function withoutOurOwn(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const isOurs = (name: string): boolean => name.startsWith('BREAKWATER_') && name !== 'BREAKWATER_TOOLS_DIR';
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !isOurs(name)));
}
