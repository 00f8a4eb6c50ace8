import pg from 'pg';

/** One statement in the words of the driver; with a name it is parsed and planned once per connection. */
export interface Statement {
  readonly name?: string;
  readonly text: string;
  readonly values: readonly unknown[];
}

/** A connection, or a pool that lends one. */
export interface Submitter {
  query(batch: object, values: undefined, done: (error: Error | null | undefined, results: unknown) => void): unknown;
}

/**
 * Sends statements in one packet, which is answered in one: what a statement costs is mostly the way to the server and
 * the waking up on both sides. They run one after the other, each on what is committed by then.
 *
 * Outside of an open transaction they are one of their own, and become true together or not at all.
 *
 * @throws what the first one that failed failed of; those after it were not run.
 */
export function together(on: Submitter, statements: readonly Statement[]): Promise<readonly pg.QueryResult[]> {
  // By the driver's rules, here: a value that cannot be sent fails before anything was.
  const ready = statements.map(({ name, text, values }) => ({ name, text, values: values.map(wireValue) }));
  return new Promise<readonly pg.QueryResult[]>((resolve, reject) => {
    const done = (error: Error | null | undefined, results: unknown): void => {
      if (error) reject(error);
      else resolve(results as readonly pg.QueryResult[]);
    };
    on.query(new Batch(ready), undefined, done);
  }).catch((error: Error) => {
    // The stack leads to the socket otherwise, and not to whoever asked. A cancelled query has a frozen error.
    if (Object.isExtensible(error)) Error.captureStackTrace(error);
    throw error;
  });
}

const wireValue = (pg as unknown as { utils: { prepareValue: (value: unknown) => WireValue } }).utils.prepareValue;
type WireValue = string | Buffer | null;

interface ReadyStatement {
  readonly name: string | undefined;
  readonly text: string;
  readonly values: readonly WireValue[];
}

/**
 * What the driver's client takes for a query of its own making, like those of pg-cursor: it is told to submit itself,
 * and then of each message that comes back, until the server is ready for the next.
 *
 * @see https://www.postgresql.org/docs/18/protocol-flow.html#PROTOCOL-FLOW-PIPELINING
 */
class Batch {
  /** Set by the client, which takes over what it is given to call: it ends a wait for an answer with it. */
  callback: ((error: Error | null, results?: readonly Answer[]) => void) | null = null;
  private readonly answers: Answer[] = [];
  private answer = new Answer();
  private failure: Error | null = null;

  constructor(private readonly statements: readonly ReadyStatement[]) {}

  /** Of the statement that is being answered: under it the client notes what the server has parsed. */
  get name(): string | undefined {
    return this.statements[this.answers.length]?.name;
  }

  get text(): string | undefined {
    return this.statements[this.answers.length]?.text;
  }

  submit(connection: DriverConnection): null {
    const sent = new Set<string>();
    connection.stream.cork();
    try {
      for (const { name, text, values } of this.statements) {
        const isParsed = name !== undefined && (connection.parsedStatements[name] !== undefined || sent.has(name));
        if (!isParsed) connection.parse({ name, text });
        if (name !== undefined) sent.add(name);
        connection.bind({ statement: name, values });
        connection.describe({ type: 'P', name: '' });
        connection.execute({});
      }
      connection.sync();
    } finally {
      connection.stream.uncork();
    }
    return null;
  }

  handleRowDescription({ fields }: { readonly fields: readonly pg.FieldDef[] }): void {
    this.answer.describe(fields);
  }

  handleDataRow({ fields }: { readonly fields: readonly (string | null)[] }): void {
    if (this.failure !== null) return;
    try {
      this.answer.add(fields);
    } catch (error) {
      this.failure = error as Error;
    }
  }

  handleCommandComplete({ text }: { readonly text: string }): void {
    this.answer.complete(text);
    this.answers.push(this.answer);
    this.answer = new Answer();
  }

  handleEmptyQuery(): void {
    this.handleCommandComplete({ text: '' });
  }

  handleCopyInResponse(connection: DriverConnection): void {
    connection.sendCopyFail('nothing to copy');
  }

  handleError(error: Error): void {
    this.callback?.(error);
  }

  handleReadyForQuery(): void {
    if (this.failure === null) this.callback?.(null, this.answers);
    else this.callback?.(this.failure);
  }
}

/** As the driver gives it, as far as anybody here reads it. */
class Answer {
  command = '';
  rowCount: number | null = null;
  readonly rows: Record<string, unknown>[] = [];
  private names: string[] = [];
  private parsers: ((text: string) => unknown)[] = [];

  describe(fields: readonly pg.FieldDef[]): void {
    this.names = fields.map(({ name }) => name);
    this.parsers = fields.map(
      ({ dataTypeID }) => pg.types.getTypeParser(dataTypeID, 'text') as (text: string) => unknown,
    );
  }

  add(values: readonly (string | null)[]): void {
    const row: Record<string, unknown> = {};
    values.forEach((value, index) => {
      row[this.names[index] ?? ''] = value === null ? null : this.parsers[index]?.(value);
    });
    this.rows.push(row);
  }

  /** @param tag  e.g. `INSERT 0 3`, `SELECT 1`, `COMMIT`. */
  complete(tag: string): void {
    const [command = '', ...counts] = tag.split(' ');
    const count = Number(counts.at(-1));
    this.command = command;
    if (counts.length > 0 && Number.isInteger(count)) this.rowCount = count;
  }
}

/** The driver's own connection, below its client. */
interface DriverConnection {
  readonly stream: { cork(): void; uncork(): void };
  readonly parsedStatements: Readonly<Record<string, string>>;
  parse(query: { readonly name: string | undefined; readonly text: string }): void;
  bind(config: { readonly statement: string | undefined; readonly values: readonly WireValue[] }): void;
  describe(what: { readonly type: 'P'; readonly name: string }): void;
  execute(config: object): void;
  sync(): void;
  sendCopyFail(reason: string): void;
}
