import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * The PostgreSQL that serves `clusterDirectory` now, by its `postmaster.pid`; null when there is none.
 *
 * The file alone does not tell: after kill -9 it stays, and its number may meanwhile be another program's
 * (in a container it nearly always is). PostgreSQL would then refuse to start for ever, so such a file is disarmed.
 */
export async function findPostmaster(clusterDirectory: string): Promise<number | null> {
  const file = join(clusterDirectory, 'postmaster.pid');
  const lines = (await readFile(file, 'utf8').catch(() => '')).split('\n');
  const pid = Number(lines[0]);
  if (!Number.isInteger(pid) || pid <= 0) return null;
  if (await isServing(pid, clusterDirectory)) return pid;
  // Only the number is replaced, by one that no process has: the rest names the shared memory, by which PostgreSQL
  // recognises workers that outlived their postmaster.
  if (pid !== NOBODYS_PID) await writeFile(file, [NOBODYS_PID, ...lines.slice(1)].join('\n'));
  return null;
}

/**
 * Is process `pid` a PostgreSQL on this folder? A zombie is not: its command line is empty.
 * Linux only, like the binaries: the folder is the argument of `-D`.
 */
export async function isServing(pid: number, clusterDirectory: string): Promise<boolean> {
  const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return commandLine.split('\0').includes(clusterDirectory);
}

const NOBODYS_PID = 2_147_483_647;
