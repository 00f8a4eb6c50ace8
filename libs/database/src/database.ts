import pg from 'pg';
import { DataSource, type EntitySchema, type MigrationInterface } from 'typeorm';
import { DatabaseTooOldError, databaseErrorOf, OLDEST_MAJOR } from './database.errors.js';
import { type PreparedStatement, type Queryable, queryOf, type SqlValue } from './transaction.js';
import { UnitOfWork } from './unit-of-work.js';

export interface DatabaseOptions {
  /** `postgres://user:password@host:port/database`. */
  readonly url: string;
  /** Most connections of this process at once. */
  readonly poolSize: number;
  /** Shown in `pg_stat_activity`. */
  readonly applicationName: string;
  /** How long a request may wait for a free connection, in milliseconds, before it is told 503. */
  readonly acquireTimeoutMs?: number;
  /** A statement that runs longer is cancelled. Long jobs set their own. */
  readonly statementTimeoutMs?: number;
  /**
   * A connection on which an answer takes longer is given up, for a server that is frozen or cut off sends none at
   * all. By default a little longer than the server itself gives a statement.
   */
  readonly answerTimeoutMs?: number;
  /**
   * A transaction in which nothing is said for longer is rolled back by the server: a process that is frozen in the
   * middle of one must not hold its locks for ever. By default as long as a statement may take.
   */
  readonly idleTransactionTimeoutMs?: number;
}

/** The tables of the modules that a process uses: their entities and, in order, their migrations. */
export interface DatabaseSchema {
  readonly entities: readonly (EntityClass | EntitySchema)[];
  readonly migrations: readonly MigrationClass[];
}
export type EntityClass = new () => object;
export type MigrationClass = new () => MigrationInterface;

/**
 * PostgreSQL, as the house uses it: one pool, reads by `rows`, writes by `unitOfWork`.
 *
 * Once connected it outlives the server: a lost connection fails its own request with
 * DatabaseUnavailableError and is replaced at the next use.
 */
export class Database implements Queryable {
  readonly unitOfWork: UnitOfWork;

  private constructor(
    private readonly source: DataSource,
    private readonly pool: pg.Pool,
  ) {
    this.unitOfWork = new UnitOfWork(source, pool);
  }

  /** @throws DatabaseUnavailableError when PostgreSQL does not answer. */
  static async connect(options: DatabaseOptions, schema: DatabaseSchema): Promise<Database> {
    const statementTimeoutMs = options.statementTimeoutMs ?? 60_000;
    const answerTimeoutMs = options.answerTimeoutMs ?? (statementTimeoutMs === 0 ? 0 : statementTimeoutMs + 5_000);
    const source = new DataSource({
      type: 'postgres',
      url: options.url,
      applicationName: options.applicationName,
      entities: [...schema.entities],
      migrations: [...schema.migrations],
      migrationsTableName: 'migration',
      migrationsTransactionMode: 'each',
      synchronize: false,
      poolSize: options.poolSize,
      connectTimeoutMS: options.acquireTimeoutMs ?? 10_000,
      poolErrorHandler: () => undefined, // a lost idle connection is replaced at the next use
      extra: {
        Client: Connection,
        statement_timeout: statementTimeoutMs,
        query_timeout: answerTimeoutMs,
        idle_in_transaction_session_timeout: options.idleTransactionTimeoutMs ?? statementTimeoutMs,
        keepAlive: true,
      },
    });
    try {
      await source.initialize();
    } catch (error) {
      throw databaseErrorOf(error);
    }
    return new Database(source, (source.driver as unknown as { master: pg.Pool }).master);
  }

  async rows<Row extends object>(
    statement: string | PreparedStatement,
    parameters: readonly SqlValue[] = [],
  ): Promise<Row[]> {
    try {
      return (await this.pool.query<Row & pg.QueryResultRow>(queryOf(statement, parameters))).rows;
    } catch (error) {
      throw databaseErrorOf(error);
    }
  }

  /**
   * Brings the schema up to date; replicas that start together wait for one another. Runs in `core` only.
   *
   * @throws DatabaseUnavailableError  with some migrations done, each of them whole.
   * @throws DatabaseTooOldError
   */
  async migrate(): Promise<void> {
    try {
      const lock = await this.pool.connect();
      try {
        await requireVersion(lock);
        await lock.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
        await this.source.runMigrations();
      } finally {
        lock.release(true); // the lock goes with the connection, whatever became of it
      }
    } catch (error) {
      throw databaseErrorOf(error);
    }
  }

  /** Migrations that this build knows and the database has not seen: a process that only reads waits for zero. */
  async pendingMigrations(): Promise<number> {
    const known = this.source.migrations.map((migration) => migration.name ?? migration.constructor.name);
    const [{ present } = { present: false }] = await this.rows<{ present: boolean }>(
      `SELECT to_regclass('migration') IS NOT NULL AS present`,
    );
    if (!present) return known.length;
    const applied = new Set((await this.rows<{ name: string }>('SELECT name FROM migration')).map((row) => row.name));
    return known.filter((name) => !applied.has(name)).length;
  }

  /** Readiness: one round trip. */
  async ping(): Promise<void> {
    await this.rows('SELECT 1');
  }

  async close(): Promise<void> {
    if (this.source.isInitialized) await this.source.destroy();
  }
}

/** Arbitrary, but the same in every version: two replicas of any two versions must exclude each other. */
const MIGRATION_LOCK = 7_306_018;

async function requireVersion(connection: pg.ClientBase): Promise<void> {
  const { rows } = await connection.query<{ server_version: string }>('SHOW server_version');
  const version = rows[0]?.server_version ?? '';
  if (Number.parseInt(version, 10) < OLDEST_MAJOR) throw new DatabaseTooOldError(version);
}

/**
 * A connection that may break at any moment and never ends the process by it.
 *
 * The pool and TypeORM listen for the error while they hold one. Between them nobody does: when the server ends a
 * session with the same packet that answers its last statement, the error comes before the next holder's first step.
 * What that holder asks fails all the same.
 */
class Connection extends pg.Client {
  constructor(config?: string | pg.ClientConfig) {
    super(config);
    this.on('error', () => undefined);
  }
}
