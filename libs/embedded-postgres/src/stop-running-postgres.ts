import { resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { clusterDirectory } from './cluster.js';
import { PostgresStartError } from './errors.js';
import { findPostmaster, isServing } from './postmaster.js';

/**
 * Stops the PostgreSQL that serves the folder, whoever started it: for a stop command, and for what a
 * supervisor left behind on a machine without `setpriv`.
 *
 * @returns whether one was running.
 */
export async function stopRunningPostgres(dataDirectory: string): Promise<boolean> {
  const directory = clusterDirectory(resolve(dataDirectory));
  const pid = await findPostmaster(directory);
  if (pid === null) return false;
  try {
    process.kill(pid, 'SIGINT');
  } catch (error) {
    // It was ending already, as it does when its supervisor has died, and is gone since it was looked for.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
  for (const deadline = Date.now() + STOP_TIMEOUT_MS; await isServing(pid, directory); await delay(POLL_MS))
    if (Date.now() > deadline) throw new PostgresStartError('PostgreSQL does not stop', `process ${pid} still runs`);
  return true;
}

const STOP_TIMEOUT_MS = 30_000;
/** It is not our child: nobody tells us when it ends. */
const POLL_MS = 50;
