import type { Database, UnitOfWork } from '@breakwater/database';
import { eventually } from './content.js';

/**
 * Races, stepped by hand. A transaction can be decided against at two points only: between what its statement sees
 * and the row that it locks (`Gate`), and before its commit (`brake`).
 */

/** A process whose transactions have done everything but commit. */
export interface Brake {
  /** For the process that is to stand still. */
  readonly database: Database;
  /** Resolves when a transaction stands before its commit. */
  reached(): Promise<void>;
  /** It commits, and all that follow. */
  release(): void;
}

export function brake(database: Database): Brake {
  const [arrival, departure] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const stand = async (): Promise<void> => {
    arrival.resolve();
    await departure.promise;
  };
  const run: UnitOfWork['run'] = (work) =>
    database.unitOfWork.run(async (tx) => {
      const result = await work(tx);
      await stand();
      return result;
    });
  // One that found nothing to do passes: what follows it is what the test is about.
  const atOnce: UnitOfWork['atOnce'] = (...statements) =>
    database.unitOfWork.run(async (tx) => {
      const rows: object[][] = [];
      for (const [statement, parameters] of statements) rows.push(await tx.rows(statement, parameters));
      if (rows.at(-1)?.length !== 0) await stand();
      return rows;
    });
  const braked = Object.create(database, { unitOfWork: { value: { run, atOnce } } }) as Database;
  return { database: braked, reached: () => arrival.promise, release: () => departure.resolve() };
}

/**
 * Stops sessions of one application name after their statement has taken its snapshot and before it locks the rows it
 * finds: the tables become views that ask the gate at each row.
 */
export class Gate {
  private hold: { readonly open: () => void; readonly opened: Promise<void> } | null = null;

  private constructor(
    private readonly database: Database,
    /** Of the connections that stop here. */
    readonly applicationName: string,
  ) {}

  /** Once per database, before anything else is done there. */
  static async install(database: Database): Promise<void> {
    await database.unitOfWork.run(async (tx) => {
      await tx.execute(PASS_GATE);
      for (const table of GATED_TABLES) {
        await tx.execute(`ALTER TABLE ${table} RENAME TO ${table}_behind_gate`);
        await tx.execute(`CREATE VIEW ${table} AS SELECT * FROM ${table}_behind_gate WHERE pass_gate()`);
      }
    });
  }

  /** @returns a gate that is closed. */
  static async close(database: Database, applicationName: string): Promise<Gate> {
    const gate = new Gate(database, applicationName);
    const [closed, open] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const opened = database.unitOfWork.run(async (tx) => {
      await tx.rows('SELECT pg_advisory_xact_lock(hashtext($1))', [applicationName]);
      closed.resolve();
      await open.promise;
    });
    gate.hold = { open: open.resolve, opened };
    await closed.promise;
    return gate;
  }

  /** Resolves when a session waits at the gate. */
  async reached(): Promise<void> {
    const waiting = `SELECT 1 FROM pg_locks JOIN pg_stat_activity USING (pid)
                     WHERE locktype = 'advisory' AND NOT granted AND datname = current_database() AND application_name = $1`;
    await eventually(async () => (await this.database.rows(waiting, [this.applicationName])).length > 0);
  }

  async open(): Promise<void> {
    this.hold?.open();
    await this.hold?.opened;
  }
}

/** Resolves when so many sessions wait for a lock that another transaction holds. */
export async function untilBlocked(database: Database, sessions = 1): Promise<void> {
  const waiting = `SELECT 1 FROM pg_stat_activity
                   WHERE datname = current_database() AND cardinality(pg_blocking_pids(pid)) > 0`;
  await eventually(async () => (await database.rows(waiting)).length >= sessions);
}

const GATED_TABLES = ['repository', 'blob', 'repository_blob', 'upload', 'trash', 'deleted_artifact'];

const PASS_GATE = `
  CREATE FUNCTION pass_gate() RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
  BEGIN
    IF current_setting('application_name') LIKE 'gate %' THEN
      PERFORM pg_advisory_lock_shared(hashtext(current_setting('application_name')));
      PERFORM pg_advisory_unlock_shared(hashtext(current_setting('application_name')));
    END IF;
    RETURN true;
  END $$`;
