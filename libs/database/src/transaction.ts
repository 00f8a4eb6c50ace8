import type pg from 'pg';
import type { EntityManager, QueryRunner } from 'typeorm';
import { databaseErrorOf } from './database.errors.js';
import { together, type Statement, type Submitter } from './together.js';

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
export function queryOf(
  statement: string | PreparedStatement,
  parameters: readonly SqlValue[],
): Statement & { values: SqlValue[] } {
  const values = [...parameters];
  return typeof statement === 'string' ? { text: statement, values } : { ...statement, values };
}

/**
 * An open transaction. A repository method that writes takes one as its first parameter, so that
 * work cannot slip out of the unit it belongs to.
 *
 * Statements that are begun in one turn (`Promise.all`) travel together, BEGIN with the first of all.
 */
export class Transaction implements Queryable {
  private readonly afterCommit: (() => void)[] = [];
  private waiting: Waiting[] = [];
  private isSending = false;
  private hasBegun = false;
  private firstFailure: Error | null = null;

  constructor(
    private readonly runner: QueryRunner,
    private readonly connection: Submitter,
  ) {}

  /** TypeORM's view of the same transaction, for entities. */
  get manager(): EntityManager {
    // What it sends goes past us: what it has to come after is sent before, and the connection keeps the order.
    this.flush();
    return Object.assign(this.runner, { isTransactionActive: true, transactionDepth: 1 }).manager;
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
   * A write whose outcome nobody waits for: it travels with the next statement, COMMIT at the latest, and costs no way
   * of its own. When it fails, that one fails of it, and the unit of work with both.
   */
  enqueue(statement: string | PreparedStatement, parameters: readonly SqlValue[] = []): void {
    this.waiting.push({ statement: queryOf(statement, parameters), resolve: () => undefined, reject: () => undefined });
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
    if (!this.hasBegun && this.waiting.length === 0) return;
    const committing = this.run(COMMIT, []);
    this.flush();
    // After a failed statement that we did not see it is a rollback, and no error.
    const { command } = await committing;
    if (command !== 'COMMIT') throw new Error('a unit of work went on after a failed statement');
    this.hasBegun = false;
  }

  /** Called by the unit of work only. */
  async rollback(): Promise<void> {
    this.waiting = [];
    if (this.hasBegun) await together(this.connection, [ROLLBACK]);
  }

  private run(statement: string | PreparedStatement, parameters: readonly SqlValue[]): Promise<pg.QueryResult> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ statement: queryOf(statement, parameters), resolve, reject });
      if (this.isSending) return;
      this.isSending = true;
      queueMicrotask(() => this.flush());
    });
  }

  /** Sends what waits. Past TypeORM, which would tell its subscribers of each statement. */
  private flush(): void {
    const sent = this.waiting;
    const statements = sent.map(({ statement }) => statement);
    const isFirst = !this.hasBegun;
    this.waiting = [];
    this.isSending = false;
    if (!isFirst && sent.length === 0) return;
    this.hasBegun = true;
    together(this.connection, isFirst ? [BEGIN, ...statements] : statements).then(
      (results) => {
        const own = isFirst ? results.slice(1) : results;
        sent.forEach(({ resolve }, index) => resolve(own[index] as pg.QueryResult));
      },
      (error: unknown) => {
        const known = databaseErrorOf(error) as Error;
        this.firstFailure ??= known;
        for (const { reject } of sent) reject(known);
      },
    );
  }
}

interface Waiting {
  readonly statement: Statement;
  readonly resolve: (result: pg.QueryResult) => void;
  readonly reject: (error: Error) => void;
}

const BEGIN: Statement = { name: 'database.begin', text: 'BEGIN', values: [] };
const COMMIT: PreparedStatement = { name: 'database.commit', text: 'COMMIT' };
const ROLLBACK: Statement = { text: 'ROLLBACK', values: [] };
