import { type DataSource, QueryRunnerAlreadyReleasedError } from 'typeorm';
import { DatabaseContentionError, DatabaseUnavailableError, databaseErrorOf, isRetryable } from './database.errors.js';
import { Transaction } from './transaction.js';

/** Deadlocks and serialisation failures are retried this often; each try is the whole unit again. */
const TRIES = 5;

/**
 * Runs a unit of work: everything in it becomes true together, or nothing does.
 *
 * READ COMMITTED. `work` may run again after a deadlock, so its only effects are on the transaction;
 * anything else belongs into `tx.onCommit` (hints) or the outbox (facts).
 */
export class UnitOfWork {
  constructor(private readonly source: DataSource) {}

  /** @throws DatabaseUnavailableError, DatabaseContentionError, and whatever `work` throws. */
  async run<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.once(work);
      } catch (error) {
        if (!isRetryable(error)) throw databaseErrorOf(error);
        if (attempt === TRIES) throw new DatabaseContentionError(error);
      }
    }
  }

  private async once<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    const runner = this.source.createQueryRunner();
    const tx = new Transaction(runner);
    try {
      await runner.startTransaction();
      const result = await work(tx);
      await runner.commitTransaction();
      tx.committed();
      return result;
    } catch (error) {
      // A lost connection cannot roll back; the server does it by itself.
      if (runner.isTransactionActive) await runner.rollbackTransaction().catch(() => undefined);
      // A connection that breaks between two statements is given back by TypeORM itself: the next one finds it gone.
      throw error instanceof QueryRunnerAlreadyReleasedError ? new DatabaseUnavailableError(error) : error;
    } finally {
      await runner.release();
    }
  }
}
