import { setTimeout as delay } from 'node:timers/promises';
import { Database, type DatabaseOptions, type DatabaseSchema } from './database.js';
import { DatabaseUnavailableError } from './database.errors.js';

export interface StartUpOptions {
  /** Ends the waiting: the process is asked to stop. */
  readonly signal: AbortSignal;
  /** Told when there is something to wait for, once per reason, for the log. */
  readonly onWaiting: (reason: string) => void;
}

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2_000;

/**
 * Connects, waiting for a server that is not there yet. A process that starts before its database is
 * the normal case on a cluster, and no reason to end.
 *
 * @throws whatever else is wrong (credentials, an unknown database): waiting would not help.
 */
export async function connectWhenReady(
  options: DatabaseOptions,
  schema: DatabaseSchema,
  startUp: StartUpOptions,
): Promise<Database> {
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
    try {
      return await Database.connect(options, schema);
    } catch (error) {
      if (!(error instanceof DatabaseUnavailableError)) throw error;
      if (pauseMs === FIRST_PAUSE_MS) startUp.onWaiting('PostgreSQL does not answer yet');
      await delay(pauseMs, undefined, { signal: startUp.signal });
    }
  }
}

/** Waits until core has migrated the database as far as this build needs it. */
export async function schemaReady(database: Database, startUp: StartUpOptions): Promise<void> {
  for (let isFirst = true; ; isFirst = false) {
    const pending = await database.pendingMigrations().catch((error: unknown) => {
      if (error instanceof DatabaseUnavailableError) return null;
      throw error;
    });
    if (pending === 0) return;
    if (isFirst) startUp.onWaiting('the database is not migrated yet; core does that when it starts');
    await delay(FIRST_PAUSE_MS, undefined, { signal: startUp.signal });
  }
}
