import { type DataSource, type QueryRunner, QueryRunnerAlreadyReleasedError } from 'typeorm';
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
      // A connection that breaks between two statements is given back by TypeORM itself: the next one finds it gone.
      const isGivenBack = error instanceof QueryRunnerAlreadyReleasedError;
      const known = isGivenBack ? new DatabaseUnavailableError(error) : databaseErrorOf(error);
      if (known instanceof DatabaseUnavailableError) {
        await abandon(runner);
        throw known;
      }
      if (runner.isTransactionActive) await runner.rollbackTransaction().catch(() => undefined);
      throw error;
    } finally {
      await runner.release();
    }
  }
}

/**
 * A lost connection cannot roll back; the server does it by itself. One that is only silent may still have our
 * statement: it must end here, and not serve somebody else.
 */
async function abandon(runner: QueryRunner): Promise<void> {
  if (runner.isReleased) return;
  const connection = (await runner.connect().catch(() => null)) as { end(): Promise<void> } | null;
  connection?.end().catch(() => undefined);
}
