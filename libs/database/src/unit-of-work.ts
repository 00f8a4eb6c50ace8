import { setTimeout as delay } from 'node:timers/promises';
import type { DataSource, QueryRunner } from 'typeorm';
import {
  DatabaseContentionError,
  DatabaseUnavailableError,
  databaseErrorOf,
  errorOfWork,
  isRetryable,
} from './database.errors.js';
import { together, type Submitter } from './together.js';
import { type PreparedStatement, queryOf, type SqlValue, Transaction } from './transaction.js';

/** Deadlocks and serialisation failures are retried this often; each try is the whole unit again. */
const TRIES = 5;

/**
 * Runs a unit of work: everything in it becomes true together, or nothing does.
 *
 * READ COMMITTED. `work` may run again after a deadlock, so its only effects are on the transaction;
 * anything else belongs into `tx.onCommit` (hints) or the outbox (facts).
 *
 * When PostgreSQL is lost during the COMMIT nobody knows what became of it. Callers are told DatabaseUnavailableError
 * as for any other loss, so whatever a request does has to be safe to do again.
 */
export class UnitOfWork {
  constructor(
    private readonly source: DataSource,
    private readonly pool: Submitter,
  ) {}

  /** @throws DatabaseUnavailableError, DatabaseContentionError, and whatever `work` throws. */
  run<T>(work: (tx: Transaction) => Promise<T> | T): Promise<T> {
    return untilNoConflict(() => this.once(work));
  }

  /**
   * A unit of work that is known beforehand, in one round trip: statements that run one after the other, each on what
   * is committed by then, and become true together or not at all.
   *
   * @returns the rows of each.
   * @throws DatabaseUnavailableError, DatabaseContentionError
   */
  atOnce(...statements: readonly [PreparedStatement, readonly SqlValue[]][]): Promise<readonly object[][]> {
    const queries = statements.map(([statement, parameters]) => queryOf(statement, parameters));
    return untilNoConflict(async () => {
      try {
        return (await together(this.pool, queries)).map(({ rows }) => rows as object[]);
      } catch (error) {
        throw databaseErrorOf(error);
      }
    });
  }

  private async once<T>(work: (tx: Transaction) => Promise<T> | T): Promise<T> {
    const runner = this.source.createQueryRunner();
    let tx: Transaction | null = null;
    try {
      tx = new Transaction(runner, await connectionOf(runner));
      const result = await work(tx);
      await tx.commit();
      tx.committed();
      return result;
    } catch (error) {
      const known = errorOfWork(error);
      // A lost connection cannot roll back; the server does it by itself.
      if (known instanceof DatabaseUnavailableError) await abandon(runner);
      else await tx?.rollback().catch(() => abandon(runner));
      throw known;
    } finally {
      await runner.release();
    }
  }
}

async function untilNoConflict<T>(unit: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await unit();
    } catch (error) {
      if (!isRetryable(error)) throw error;
      if (attempt === TRIES) throw new DatabaseContentionError(error);
      // Whoever waited for what we let go is only just waking up: at once, we would take it away again.
      await delay(attempt * (20 + Math.random() * 40));
    }
  }
}

async function connectionOf(runner: QueryRunner): Promise<Submitter> {
  try {
    return (await runner.connect()) as Submitter;
  } catch (error) {
    throw databaseErrorOf(error);
  }
}

/**
 * A connection that is only silent may still have our statement, and our transaction: it must end here, and not serve
 * somebody else.
 */
async function abandon(runner: QueryRunner): Promise<void> {
  if (runner.isReleased) return;
  const connection = (await runner.connect().catch(() => null)) as { end(): Promise<void> } | null;
  connection?.end().catch(() => undefined);
}
