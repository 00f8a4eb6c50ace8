import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { randomBytes } from 'node:crypto';
import { access, chmod, constants, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errorFromFile, errorFromOutput, PostgresFolderError, PostgresVersionError } from './errors.js';
import type { PostgresPrograms } from './programs.js';
import { ensureOwner, identityFor, type Identity } from './unprivileged.js';

/** The one role of an embedded cluster; it owns everything. */
export const SUPERUSER = 'breakwater';

/**
 * A folder with a cluster in it, ready to be served:
 *
 *     <dataDirectory>/cluster    what PostgreSQL calls its data directory
 *     <dataDirectory>/password   the superuser's, mode 0600, made once
 */
export interface Cluster {
  readonly directory: string;
  readonly password: string;
  readonly identity: Identity;
}

/**
 * Makes the cluster at the first use; afterwards only checks it.
 * A first use that is interrupted leaves nothing that the next one would take for a cluster.
 *
 * @throws PostgresFolderError, PostgresVersionError, PostgresNoSpaceError, PostgresStartError
 */
export async function prepareCluster(options: ClusterOptions): Promise<Cluster> {
  const { dataDirectory, programs } = options;
  const directory = clusterDirectory(dataDirectory);
  try {
    await mkdir(dataDirectory, { recursive: true, mode: 0o700 });
    await access(dataDirectory, constants.W_OK | constants.X_OK);
    const version = await findVersion(directory);
    if (version !== null && version !== programs.majorVersion)
      throw new PostgresVersionError(version, programs.majorVersion, dataDirectory);
    const password = await ensurePassword(dataDirectory, version === null);
    const identity = await identityFor(dataDirectory);
    await ensureOwner(dataDirectory, [dataDirectory, passwordFile(dataDirectory), directory], identity);
    if (version === null) await create(directory, identity, options);
    return { directory, password, identity };
  } catch (error) {
    throw errorFromFile(error, dataDirectory);
  }
}

export interface ClusterOptions {
  readonly dataDirectory: string;
  readonly programs: PostgresPrograms;
  /** False for data that may die with the machine (tests). */
  readonly isDurable: boolean;
  readonly log: (line: string) => void;
}

async function create(directory: string, identity: Identity, options: ClusterOptions): Promise<void> {
  const unfinished = `${directory}.unfinished`;
  await rm(unfinished, { recursive: true, force: true });
  const args = [
    `--pgdata=${unfinished}`,
    `--username=${SUPERUSER}`,
    `--pwfile=${passwordFile(options.dataDirectory)}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale=C',
    '--no-instructions',
    ...(options.isDurable ? ['--data-checksums'] : ['--no-sync', '--no-data-checksums']),
  ];
  const [program = '', ...rest] = [...identity.prefix, options.programs.initdb, ...args];
  const child = spawn(program, rest, { env: { PATH: SYSTEM_PATH, LC_ALL: 'C' } });
  let output = '';
  const note = (chunk: Buffer): void => {
    output += chunk.toString();
    options.log(chunk.toString().trimEnd());
  };
  child.stdout.on('data', note);
  child.stderr.on('data', note);
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw errorFromOutput('initdb failed', output, { dataDirectory: options.dataDirectory, port: 0 });
  // The name appears only when the cluster is complete.
  await rename(unfinished, directory);
}

/** Where unshare and setpriv are; the environment of this process holds secrets that PostgreSQL need not see. */
export const SYSTEM_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

async function findVersion(directory: string): Promise<string | null> {
  return (await findFile(join(directory, 'PG_VERSION')))?.trim() ?? null;
}

async function ensurePassword(dataDirectory: string, isFirstUse: boolean): Promise<string> {
  const file = passwordFile(dataDirectory);
  const kept = (await findFile(file))?.trim();
  if (kept) return kept;
  if (!isFirstUse)
    throw new PostgresFolderError(`${file} is gone: without it nobody can sign in to the PostgreSQL beside it`);
  const password = randomBytes(24).toString('base64url');
  await writeFile(file, `${password}\n`, { mode: 0o600 });
  await chmod(file, 0o600);
  return password;
}

export function clusterDirectory(dataDirectory: string): string {
  return join(dataDirectory, 'cluster');
}

function passwordFile(dataDirectory: string): string {
  return join(dataDirectory, 'password');
}

async function findFile(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
