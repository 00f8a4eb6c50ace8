import { setTimeout as delay } from 'node:timers/promises';
import { Database, type DatabaseOptions, type DatabaseSchema } from './database.js';
import { DatabaseRefusedError, DatabaseUnavailableError } from './database.errors.js';

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
 * @throws DatabaseRefusedError  waiting would not help, and so for whatever else is wrong with the settings.
 */
export function connectWhenReady(
  options: DatabaseOptions,
  schema: DatabaseSchema,
  startUp: StartUpOptions,
): Promise<Database> {
  return whenAvailable(() => Database.connect(options, schema), startUp);
}

/** Waits until core has migrated the database as far as this build needs it. */
export async function schemaReady(database: Database, startUp: StartUpOptions): Promise<void> {
  for (let isFirst = true; ; isFirst = false) {
    const pending = await whenAvailable(() => database.pendingMigrations(), startUp);
    if (pending === 0) return;
    if (isFirst) startUp.onWaiting('the database is not migrated yet; core does that when it starts');
    await delay(FIRST_PAUSE_MS, undefined, { signal: startUp.signal });
  }
}

/** Does what a start needs of the database, again and again while that is away: so it must be safe to do twice. */
export async function whenAvailable<T>(work: () => Promise<T>, startUp: StartUpOptions): Promise<T> {
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof DatabaseUnavailableError) || error instanceof DatabaseRefusedError) throw error;
      if (pauseMs === FIRST_PAUSE_MS) startUp.onWaiting('PostgreSQL does not answer yet');
      await delay(pauseMs, undefined, { signal: startUp.signal });
    }
  }
}
