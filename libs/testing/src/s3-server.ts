import { describe } from '@jest/globals';
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { accessSync, constants } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { executableSearchPath, findFromSetup, mustRunAll, toolsDirectory } from './services/environment.js';
import { TEMPORARY_PREFIX } from './services/sweep-dead-runs.js';

export interface S3Server {
  /** `http://127.0.0.1:port`. Buckets are in the path. */
  readonly endpoint: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Exists and is empty. */
  readonly bucket: string;
  stop(): Promise<void>;
}

/**
 * A real S3 server of the test's own: versitygw over a temporary folder. It ends with this process at the latest.
 *
 * @param directory  where to put its files, e.g. a small volume; a temporary one when left out.
 * @throws Error  there is no versitygw on this machine.
 */
export async function startS3Server(directory?: string): Promise<S3Server> {
  const program = findVersitygw();
  if (program === null) throw new Error(MISSING);
  const base = findFromSetup('directory') ?? tmpdir();
  const own = directory ?? (await mkdtemp(join(base, `${TEMPORARY_PREFIX}${process.pid}-s3-`)));
  const root = join(own, 'buckets');
  await mkdir(join(root, BUCKET), { recursive: true });
  const credentials = { accessKeyId: 'breakwater', secretAccessKey: 'test-secret' };
  const { child, port } = await listen(program, root, credentials);
  return {
    endpoint: `http://127.0.0.1:${port}`,
    region: REGION,
    bucket: BUCKET,
    ...credentials,
    stop: async () => {
      await end(child);
      if (directory === undefined) await rm(own, { recursive: true, force: true });
    },
  };
}

/**
 * `describe` for suites that need an S3 server: on a machine without one they are skipped by name,
 * or fail where BREAKWATER_REQUIRE_ALL=1 says that nothing may be skipped.
 */
export function describeWithS3(name: string, suite: () => void): void {
  if (findVersitygw() !== null || mustRunAll()) describe(name, suite);
  else describe.skip(`${name} (skipped: ${MISSING})`, suite);
}

const BUCKET = 'blobs';
const REGION = 'us-east-1';
const MISSING = 'no versitygw on this machine, .ci/install-tools builds it';

function findVersitygw(): string | null {
  const directories = [join(toolsDirectory() ?? TOOLS_DIRECTORY, 'bin'), ...executableSearchPath().split(delimiter)];
  const candidates = directories.filter(Boolean).map((directory) => join(directory, 'versitygw'));
  return candidates.find(isExecutable) ?? null;
}

/** Where CI puts pinned tools. */
const TOOLS_DIRECTORY = fileURLToPath(new URL('../../../.tools', import.meta.url));

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** The server cannot choose a port itself. Should another process take this one meanwhile, it ends and says why. */
async function listen(
  program: string,
  root: string,
  credentials: Credentials,
): Promise<{ readonly child: ChildProcess; readonly port: number }> {
  for (let attempt = 1; ; attempt++) {
    const port = await freePort();
    const healthPath = `/health-${randomUUID()}`;
    const child = start([program, ...listening(port, healthPath), 'posix', root], credentials);
    try {
      await ready(child, `http://127.0.0.1:${port}${healthPath}`);
      return { child, port };
    } catch (error) {
      if (attempt === MOST_PORTS || !/address already in use/.test(String(error))) throw error;
    }
  }
}

const MOST_PORTS = 5;

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

function listening(port: number, healthPath: string): string[] {
  return ['--port', `127.0.0.1:${port}`, '--region', REGION, '--keep-alive', '--health', healthPath];
}

function start(program: readonly string[], { accessKeyId, secretAccessKey }: Credentials): ChildProcess {
  const [command = '', ...args] = [...MORTAL, ...program];
  return spawn(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ROOT_ACCESS_KEY: accessKeyId, ROOT_SECRET_KEY: secretAccessKey },
  });
}

/** Where util-linux is new enough, the kernel ends the server together with this process, even after kill -9. */
const MORTAL = ((): readonly string[] => {
  const prefix = ['setpriv', '--pdeathsig', 'TERM', '--'];
  try {
    execFileSync(prefix[0] ?? '', [...prefix.slice(1), 'true'], { stdio: 'ignore' });
    return prefix;
  } catch {
    return [];
  }
})();

/**
 * Resolves once it serves. Its banner says that it listens before it does, and the port may be another's by then, of
 * this very program perhaps: only this one answers under the path that was made for it.
 */
async function ready(child: ChildProcess, healthUrl: string): Promise<void> {
  const lines: string[] = [];
  for (const output of [child.stdout, child.stderr]) {
    if (output) createInterface({ input: output }).on('line', (line) => lines.splice(0, lines.push(line) - MOST_LINES));
  }
  const ended = new Promise<Error>((resolve) => {
    child.once('error', resolve);
    child.once('close', () => resolve(new Error(`versitygw ended: ${lines.join('\n')}`)));
  });
  for (;;) {
    const outcome = await Promise.race([ended, serves(healthUrl)]);
    if (outcome === true) return;
    if (outcome instanceof Error) throw outcome;
    await delay(PAUSE_MS);
  }
}

const MOST_LINES = 5;
const PAUSE_MS = 20;

async function serves(url: string): Promise<boolean> {
  try {
    const answer = await fetch(url);
    await answer.arrayBuffer();
    return answer.ok;
  } catch {
    return false;
  }
}

function end(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve();
    child.once('exit', () => resolve());
    child.kill('SIGKILL');
  });
}
