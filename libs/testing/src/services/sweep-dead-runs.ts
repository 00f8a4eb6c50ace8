import { readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Folders of test runs in the system's temporary directory: `breakwater-test-<pid of jest>-<random>`. */
export const TEMPORARY_PREFIX = 'breakwater-test-';

/**
 * Removes what runs left that were killed: their folders, and their servers where the kernel could not stop them
 * together with jest. Touches only processes whose command line names such a folder.
 */
export async function sweepDeadRuns(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const pid = new RegExp(`^${TEMPORARY_PREFIX}(\\d+)-`).exec(name)?.[1];
    if (pid === undefined || isAlive(Number(pid))) continue;
    const directory = join(tmpdir(), name);
    await killProcessesOn(directory);
    // Another user's, or another run is sweeping it now: not our concern.
    await rm(directory, { recursive: true, force: true }).catch(() => undefined);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

async function killProcessesOn(directory: string): Promise<void> {
  for (const pid of (await readdir('/proc').catch(() => [])).map(Number).filter(Number.isInteger)) {
    const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (!commandLine.split('\0').some((argument) => argument.startsWith(`${directory}/`))) continue;
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It ended by itself meanwhile.
    }
  }
}
