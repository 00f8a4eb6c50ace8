import { execFile } from 'node:child_process';
import { lchown, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** How to run a program of PostgreSQL, which refuses to run as root, and never to leave it behind. */
export interface Identity {
  /** Goes before the program and its arguments. */
  readonly prefix: readonly string[];
  /** For `child_process.spawn`. */
  readonly spawnAs: { readonly uid?: number; readonly gid?: number };
  /** Who must own the data, as this process sees users. */
  readonly uid: number;
  readonly gid: number;
}

/**
 * As an ordinary user PostgreSQL runs as that user. As root it runs, by preference, in a user namespace where
 * root looks like `nobody`: it then reaches every folder that root reaches and files stay root's. Where
 * namespaces are forbidden (most containers) it runs as the owner of the folder, or `nobody` when that is root.
 *
 * In each case the kernel sends it SIGINT, a fast shutdown, when the thread that started it dies, however it dies.
 */
export async function identityFor(dataDirectory: string): Promise<Identity> {
  const mortal = (await succeeds('setpriv', ['--pdeathsig', 'INT', 'true'])) ? MORTAL : [];
  const uid = process.getuid?.() ?? 0;
  const gid = process.getgid?.() ?? 0;
  if (uid !== 0) return { prefix: mortal, spawnAs: {}, uid, gid };
  // The order matters: entering the namespace changes credentials, which clears the parent-death signal.
  if (await succeeds('unshare', [...NAMESPACE, 'true']))
    return { prefix: ['unshare', ...NAMESPACE, ...mortal], spawnAs: {}, uid, gid };
  const owner = await stat(dataDirectory);
  const other = owner.uid === 0 ? { uid: NOBODY, gid: NOBODY } : { uid: owner.uid, gid: owner.gid };
  return { prefix: mortal, spawnAs: other, ...other };
}

/**
 * Gives everything below `directory` to `identity`, if one of `telltales` is not its own already:
 * the folder may come from a machine with other rights. Only root can, and only root needs to.
 */
export async function ensureOwner(directory: string, telltales: readonly string[], identity: Identity): Promise<void> {
  if (process.getuid?.() !== 0) return;
  const owners = await Promise.all(telltales.map(async (path) => (await stat(path).catch(() => null))?.uid));
  if (owners.every((uid) => uid === undefined || uid === identity.uid)) return;
  const entries = await readdir(directory, { recursive: true });
  for (const path of [directory, ...entries.map((entry) => join(directory, entry))])
    await lchown(path, identity.uid, identity.gid);
}

const NOBODY = 65_534;
const NAMESPACE = ['--user', `--map-user=${NOBODY}`, `--map-group=${NOBODY}`, '--'];
const MORTAL = ['setpriv', '--pdeathsig', 'INT', '--'];

async function succeeds(command: string, args: readonly string[]): Promise<boolean> {
  try {
    await promisify(execFile)(command, [...args]);
    return true;
  } catch {
    return false;
  }
}
