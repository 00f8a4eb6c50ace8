import { startEmbeddedPostgres, type EmbeddedPostgres } from '@breakwater/embedded-postgres';
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { lastingPort } from './lasting-port.js';
import { fromSetup } from './services/environment.js';

export interface StoppedPostgres {
  readonly dataDirectory: string;
  readonly port: number;
}

/** After kill -9 of its first process the others may take a moment to notice, and hold the folder until then. */
const RESTART_WITHIN_MS = 90_000;

/**
 * A PostgreSQL of the test's own, to be stopped, killed and started again. Pass what the first start returned to start
 * it again with the same data and address. What it has acknowledged survives the death of its processes.
 */
export async function startTestPostgres(again?: StoppedPostgres): Promise<EmbeddedPostgres & StoppedPostgres> {
  const dataDirectory = again?.dataDirectory ?? (await mkdtemp(join(fromSetup('directory'), 'own-postgres-')));
  const port = again?.port ?? (await lastingPort());
  const settings = { fsync: 'off', max_connections: 20 };
  for (const deadline = Date.now() + RESTART_WITHIN_MS; ; await delay(100)) {
    try {
      const server = await startEmbeddedPostgres({ dataDirectory, port, settings });
      return { ...server, dataDirectory };
    } catch (error) {
      if (again === undefined || Date.now() > deadline) throw error;
    }
  }
}
