import type { DataSource, QueryRunner } from 'typeorm';
import {
  DatabaseContentionError,
  DatabaseUnavailableError,
  databaseErrorOf,
  errorOfWork,
  isRetryable,
} from './database.errors.js';
import { Transaction } from './transaction.js';

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
  constructor(private readonly source: DataSource) {}

  /** @throws DatabaseUnavailableError, DatabaseContentionError, and whatever `work` throws. */
  async run<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.once(work);
      } catch (error) {
        if (!isRetryable(error)) throw error;
        if (attempt === TRIES) throw new DatabaseContentionError(error);
      }
    }
  }

  private async once<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    const runner = this.source.createQueryRunner();
    const tx = new Transaction(runner);
    try {
      await inHouseWords(() => runner.startTransaction());
      const result = await work(tx);
      await inHouseWords(() => tx.commit());
      tx.committed();
      return result;
    } catch (error) {
      const known = errorOfWork(error);
      // A lost connection cannot roll back; the server does it by itself.
      if (known instanceof DatabaseUnavailableError) await abandon(runner);
      else if (runner.isTransactionActive) await runner.rollbackTransaction().catch(() => abandon(runner));
      throw known;
    } finally {
      await runner.release();
    }
  }
}

async function inHouseWords(call: () => Promise<void>): Promise<void> {
  try {
    await call();
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
