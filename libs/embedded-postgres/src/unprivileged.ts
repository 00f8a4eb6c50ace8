import { execFile } from 'node:child_process';
import { lchown, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { PostgresFolderError } from './errors.js';

/** How to run a program of PostgreSQL, which refuses to run as root, and never to leave it behind. */
export interface Identity {
  /** Goes before the program and its arguments. */
  readonly prefix: readonly string[];
  /** Who must own the data, as this process sees users. */
  readonly uid: number;
  readonly gid: number;
}

/**
 * As an ordinary user PostgreSQL runs as that user. As root it runs as the owner of the folder, or as `nobody` when
 * that is root; it keeps one right of root's, to pass any folder, since the binaries and the data often lie below
 * one of mode 0700. Where that is forbidden it runs in a user namespace in which root looks like `nobody`.
 *
 * The kernel sends it SIGINT, a fast shutdown, when the thread that started it dies, however it dies.
 *
 * @throws PostgresFolderError  as root where neither is allowed.
 */
export async function identityFor(dataDirectory: string): Promise<Identity> {
  const uid = process.getuid?.() ?? 0;
  const gid = process.getgid?.() ?? 0;
  if (uid !== 0) return { prefix: (await works(MORTAL)) ? MORTAL : [], uid, gid };

  const owner = await stat(dataDirectory);
  const other = owner.uid === 0 ? { uid: NOBODY, gid: NOBODY } : { uid: owner.uid, gid: owner.gid };
  const asOther = ['setpriv', `--reuid=${other.uid}`, `--regid=${other.gid}`, ...PASSING, ...MORTAL.slice(1)];
  if (await works(asOther)) return { prefix: asOther, ...other };
  // Entering the namespace changes credentials, which clears the parent-death signal: hence this order.
  const inNamespace = [...NAMESPACE, ...((await works(MORTAL)) ? MORTAL : [])];
  if (await works(inNamespace)) return { prefix: inNamespace, uid, gid };
  throw new PostgresFolderError(
    'PostgreSQL refuses to run as root, and root may neither change its user nor make a user namespace here: ' +
      'start as an ordinary user, or point to an external PostgreSQL',
  );
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
const NAMESPACE = ['unshare', '--user', `--map-user=${NOBODY}`, `--map-group=${NOBODY}`, '--'];
const PASSING = ['--clear-groups', '--inh-caps=+dac_override', '--ambient-caps=+dac_override'];
const MORTAL = ['setpriv', '--pdeathsig', 'INT', '--'];

async function works([command = '', ...args]: readonly string[]): Promise<boolean> {
  return promisify(execFile)(command, [...args, 'true']).then(
    () => true,
    () => false,
  );
}
