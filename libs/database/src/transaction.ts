import type pg from 'pg';
import type { EntityManager, QueryRunner } from 'typeorm';
import { databaseErrorOf } from './database.errors.js';

/** One value of a parameter list. Arrays become PostgreSQL arrays, so `= ANY($1)` takes a list of any length. */
export type SqlValue = string | number | bigint | boolean | Date | Buffer | null | readonly SqlValue[] | object;

/** A statement that PostgreSQL parses and plans once per connection: for hot paths. `name` is unique to its text. */
export interface PreparedStatement {
  readonly name: string;
  readonly text: string;
}

/** What reads need: served by the pool (`Database`) and inside a unit of work (`Transaction`) alike. */
export interface Queryable {
  /** Rows of a SELECT, or of the RETURNING clause of a write. */
  rows<Row extends object>(statement: string | PreparedStatement, parameters?: readonly SqlValue[]): Promise<Row[]>;
}

/** In the words of the driver, which takes a statement with a name for a prepared one. */
export function queryOf(statement: string | PreparedStatement, parameters: readonly SqlValue[]): pg.QueryConfig {
  const values = [...parameters];
  return typeof statement === 'string' ? { text: statement, values } : { ...statement, values };
}

/**
 * An open transaction. A repository method that writes takes one as its first parameter, so that
 * work cannot slip out of the unit it belongs to.
 */
export class Transaction implements Queryable {
  private readonly afterCommit: (() => void)[] = [];
  private firstFailure: Error | null = null;

  constructor(private readonly runner: QueryRunner) {}

  /** TypeORM's view of the same transaction, for entities. */
  get manager(): EntityManager {
    return this.runner.manager;
  }

  async rows<Row extends object>(
    statement: string | PreparedStatement,
    parameters: readonly SqlValue[] = [],
  ): Promise<Row[]> {
    return (await this.run(statement, parameters)).rows as Row[];
  }

  /** Runs a write and tells how many rows it touched. */
  async execute(statement: string | PreparedStatement, parameters: readonly SqlValue[] = []): Promise<number> {
    return (await this.run(statement, parameters)).rowCount ?? 0;
  }

  /**
   * Runs `effect` once the transaction is durable; never when it rolls back.
   * For hints that may be lost (a cache notice, a wake-up), never for facts: those go to the outbox.
   */
  onCommit(effect: () => void): void {
    this.afterCommit.push(effect);
  }

  /** Called by the unit of work only. What is committed stays committed, whatever becomes of a hint. */
  committed(): void {
    for (const effect of this.afterCommit) {
      try {
        effect();
      } catch (error) {
        process.emitWarning(`a hint after a commit failed: ${String(error)}`);
      }
    }
  }

  /**
   * Called by the unit of work only.
   *
   * @throws what a statement of the work failed of, also where the work went on after it.
   */
  async commit(): Promise<void> {
    if (this.firstFailure !== null) throw this.firstFailure;
    // Not by TypeORM, which drops the answer: after a failed statement that we did not see it is a rollback, and no error.
    const connection = (await this.runner.connect()) as Pick<pg.Client, 'query'>;
    const { command } = await connection.query('COMMIT');
    if (command !== 'COMMIT') throw new Error('a unit of work went on after a failed statement');
  }

  /** Past TypeORM, which would tell its subscribers of each statement. */
  private async run(statement: string | PreparedStatement, parameters: readonly SqlValue[]): Promise<pg.QueryResult> {
    try {
      const connection = (await this.runner.connect()) as pg.ClientBase;
      return await connection.query(queryOf(statement, parameters));
    } catch (error) {
      const known = databaseErrorOf(error);
      this.firstFailure ??= known as Error;
      throw known;
    }
  }
}
