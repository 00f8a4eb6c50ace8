import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabase, eventually, FaultyLine, type TestDatabase } from '@breakwater/testing';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { Database } from './database.js';
import {
  DatabaseUnavailableError,
  ForeignKeyViolationError,
  InvalidTextError,
  UniqueViolationError,
} from './database.errors.js';
import { CreateOutbox1764000000000 } from './migrations/create-outbox.migration.js';
import { Outbox } from './outbox.js';
import type { Transaction } from './transaction.js';

class CreateHarbour1764000000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE TABLE harbour (name text PRIMARY KEY, berths integer NOT NULL)');
    await runner.query('CREATE TABLE ship (name text PRIMARY KEY, harbour text NOT NULL REFERENCES harbour)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE ship, harbour');
  }
}

const schema = { entities: [], migrations: [CreateOutbox1764000000000, CreateHarbour1764000000001] };

describe('Database', () => {
  let test: TestDatabase;
  let database: Database;

  beforeAll(async () => {
    test = await createTestDatabase(schema);
    database = await Database.connect({ url: test.url, poolSize: 8, applicationName: 'database-test' }, schema);
  });

  afterAll(async () => {
    await database.close();
    await test.drop();
  });

  it('commits all of a unit of work or nothing, and runs hints only after the commit', async () => {
    const hints: string[] = [];
    await database.unitOfWork.run(async (tx) => {
      await tx.execute('INSERT INTO harbour VALUES ($1, $2)', ['Dover', 12]);
      tx.onCommit(() => hints.push('kept'));
    });
    const failing = database.unitOfWork.run(async (tx) => {
      await tx.execute('INSERT INTO harbour VALUES ($1, $2)', ['Calais', 9]);
      tx.onCommit(() => hints.push('lost'));
      throw new Error('storm');
    });
    await expect(failing).rejects.toThrow('storm');
    expect(await database.rows('SELECT name FROM harbour WHERE name = ANY($1)', [['Dover', 'Calais']])).toEqual([
      { name: 'Dover' },
    ]);
    expect(hints).toEqual(['kept']);
  });

  it('runs a unit again that lost a deadlock, so that both sides come through', async () => {
    await database.unitOfWork.run((tx) => tx.execute(`INSERT INTO harbour VALUES ('A', 0), ('B', 0)`));
    let attempts = 0;
    const meet = barrier(2);
    const winner = Promise.withResolvers<void>();
    const both = async (first: string, second: string): Promise<void> => {
      await database.unitOfWork.run(async (tx) => {
        // The server may be slow to wake the winner up: sooner, the loser would take the row away from it again.
        if (++attempts > 2) await winner.promise;
        await tx.execute('UPDATE harbour SET berths = berths + 1 WHERE name = $1', [first]);
        await meet(); // each holds one row and wants the other's
        await tx.execute('UPDATE harbour SET berths = berths + 1 WHERE name = $1', [second]);
      });
      winner.resolve();
    };
    await Promise.all([both('A', 'B'), both('B', 'A')]);
    expect(attempts).toBe(3);
    expect(await database.rows(`SELECT berths FROM harbour WHERE name IN ('A', 'B')`)).toEqual([
      { berths: 2 },
      { berths: 2 },
    ]);
  });

  it('tells a duplicate and a broken reference apart, by the name of the constraint', async () => {
    await database.unitOfWork.run((tx) => tx.execute(`INSERT INTO harbour VALUES ('Brest', 1)`));
    const again = database.unitOfWork.run((tx) => tx.execute(`INSERT INTO harbour VALUES ('Brest', 1)`));
    await expect(again).rejects.toMatchObject({ name: UniqueViolationError.name, constraint: 'harbour_pkey' });
    const lost = database.unitOfWork.run((tx) => tx.execute(`INSERT INTO ship VALUES ('Argo', 'nowhere')`));
    await expect(lost).rejects.toMatchObject({ name: ForeignKeyViolationError.name, constraint: 'ship_harbour_fkey' });
  });

  it.each([
    ['SELECT $1::text', 'a\0b'],
    ['SELECT $1::jsonb', JSON.stringify({ note: 'a\0b' })],
  ])('takes a NUL for a mistake of the caller: %s', async (sql, value) => {
    await expect(database.rows(sql, [value])).rejects.toMatchObject({ name: InvalidTextError.name, kind: 'invalid' });
  });

  it('survives the loss of all its connections', async () => {
    const killer = await Database.connect({ url: test.url, poolSize: 1, applicationName: 'killer' }, schema);
    await Promise.all([database.ping(), database.ping()]);
    await killer.rows(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'database-test'`,
    );
    // Each connection of the pool may be met once before it is told of its end.
    const outcomes: string[] = [];
    while (outcomes.at(-1) !== 'served' && outcomes.length < 9)
      outcomes.push(
        await database.ping().then(
          () => 'served',
          (error: Error) => error.name,
        ),
      );
    expect(new Set(outcomes.slice(0, -1))).not.toContain(Error.name);
    expect(outcomes.at(-1)).toBe('served');
    await killer.close();
  });

  it('rolls back a transaction in which nothing is said for too long, so that its locks are free again', async () => {
    const frozen = await test.connect({ idleTransactionTimeoutMs: 100 });
    const work = frozen.unitOfWork.run(async (tx) => {
      await tx.execute('SELECT pg_advisory_xact_lock(17)');
      await database.rows('SELECT pg_advisory_lock(17), pg_advisory_unlock(17)');
      await tx.execute('SELECT 1');
    });
    await expect(work).rejects.toBeInstanceOf(DatabaseUnavailableError);
  });

  it('is unavailable, and no riddle, when its connection breaks between two statements of a unit', async () => {
    const work = database.unitOfWork.run(async (tx) => {
      const [row] = await tx.rows<{ pid: number }>('SELECT pg_backend_pid() AS pid');
      await database.rows('SELECT pg_terminate_backend($1)', [row?.pid ?? 0]);
      await eventually(() => expect(tx.manager.queryRunner?.isReleased).toBe(true));
      await tx.execute('SELECT 1');
    });
    await expect(work).rejects.toBeInstanceOf(DatabaseUnavailableError);
    await database.ping();
  });

  it('sends what is begun in one turn together, BEGIN with the first and what nobody waits for with COMMIT', async () => {
    const line = await FaultyLine.to(test.url);
    const far = await Database.connect({ url: line.url, poolSize: 1, applicationName: 'far' }, schema);
    await far.ping();
    line.failAt(null);
    const seen = await far.unitOfWork.run(async (tx) => {
      const [, rows] = await Promise.all([
        tx.execute('INSERT INTO harbour VALUES ($1, $2)', ['Vigo', 3]),
        tx.rows<{ berths: number }>('SELECT berths FROM harbour WHERE name = $1', ['Vigo']),
      ]);
      tx.enqueue('UPDATE harbour SET berths = berths + 1 WHERE name = $1', ['Vigo']);
      return rows;
    });
    expect(seen).toEqual([{ berths: 3 }]);
    expect(line.traffic.questions.packets).toBe(2);
    expect(await far.rows('SELECT berths FROM harbour WHERE name = $1', ['Vigo'])).toEqual([{ berths: 4 }]);
    await far.close();
    line.close();
  });

  it('says nothing to the server for a unit of work that says nothing', async () => {
    const line = await FaultyLine.to(test.url);
    const far = await Database.connect({ url: line.url, poolSize: 1, applicationName: 'far' }, schema);
    await far.ping();
    line.failAt(null);
    expect(await far.unitOfWork.run(() => 'done')).toBe('done');
    expect(line.traffic.questions.packets).toBe(0);
    await far.close();
    line.close();
  });

  it('runs a unit that is known beforehand in one packet, all of it or nothing', async () => {
    const line = await FaultyLine.to(test.url);
    const far = await Database.connect({ url: line.url, poolSize: 1, applicationName: 'far' }, schema);
    await far.ping();
    line.failAt(null);
    const insert = { name: 'insert', text: 'INSERT INTO harbour VALUES ($1, $2) RETURNING name' };
    expect(await far.unitOfWork.atOnce([insert, ['Bergen', 1]], [insert, ['Aarhus', 2]])).toEqual([
      [{ name: 'Bergen' }],
      [{ name: 'Aarhus' }],
    ]);
    expect(line.traffic.questions.packets).toBe(1);
    const failing = far.unitOfWork.atOnce([insert, ['Visby', 1]], [insert, ['Bergen', 1]]);
    await expect(failing).rejects.toBeInstanceOf(UniqueViolationError);
    expect(await far.rows('SELECT name FROM harbour WHERE name = $1', ['Visby'])).toEqual([]);
    await far.close();
    line.close();
  });

  it('lets entities see what was written before them, in a transaction that they know of', async () => {
    await database.unitOfWork.run(async (tx) => {
      tx.enqueue('INSERT INTO harbour VALUES ($1, $2)', ['Riga', 5]);
      const sql = 'SELECT berths FROM harbour WHERE name = $1';
      expect(await tx.manager.query(sql, ['Riga'])).toEqual([{ berths: 5 }]);
      expect(tx.manager.queryRunner?.isTransactionActive).toBe(true);
    });
    expect(await database.rows('SELECT FROM harbour WHERE name = $1', ['Riga'])).toHaveLength(1);
  });

  it('fails a unit of a write that nobody waited for', async () => {
    const work = database.unitOfWork.run(async (tx) => {
      tx.enqueue('INSERT INTO harbour VALUES ($1, $2)', ['Gdansk', 1]);
      tx.enqueue('INSERT INTO ship VALUES ($1, $2)', ['Argo', 'nowhere']);
    });
    await expect(work).rejects.toBeInstanceOf(ForeignKeyViolationError);
    expect(await database.rows('SELECT FROM harbour WHERE name = $1', ['Gdansk'])).toEqual([]);
  });

  it('gives values in a unit of work as it gives them outside of one', async () => {
    const sql = `SELECT 1::integer AS integer, 2::bigint AS bigint, 1.5::float8 AS float8, true AS boolean, null AS "null",
                        'a'::text AS text, '{"b":[1]}'::jsonb AS jsonb, '{c,NULL}'::text[] AS array, '\\x00ff'::bytea AS bytea,
                        $1::timestamptz AS timestamptz, $2::bytea AS bytes, $3::jsonb AS object, $4::text[] AS list`;
    const values = [new Date(0), Buffer.from([1, 0, 255]), { d: 'e' }, ['f', null, 'g"h']];
    const [outside] = await database.rows(sql, values);
    expect(await database.unitOfWork.run((tx) => tx.rows(sql, values))).toEqual([outside]);
  });

  it('plans a prepared statement once and answers like a query', async () => {
    const statement = { name: 'berths-of', text: 'SELECT berths FROM harbour WHERE name = ANY($1::text[])' };
    expect(await database.rows(statement, [['Brest']])).toEqual([{ berths: 1 }]);
    expect(await database.rows(statement, [['Dover']])).toEqual([{ berths: 12 }]);
  });

  it('lets replicas that start together migrate once, and tells the others when they may go on', async () => {
    const empty = await createTestDatabase({ entities: [], migrations: [] });
    const connect = (): Promise<Database> =>
      Database.connect({ url: empty.url, poolSize: 2, applicationName: 'migrate' }, schema);
    const replicas = await Promise.all([connect(), connect()]);
    expect(await replicas[0]?.pendingMigrations()).toBe(2);
    await Promise.all(replicas.map((replica) => replica.migrate()));
    expect(await replicas[1]?.pendingMigrations()).toBe(0);
    await Promise.all(replicas.map((replica) => replica.close()));
    await empty.drop();
  });

  it('keeps an event exactly when its transaction commits', async () => {
    const outbox = new Outbox();
    const event = (key: string): { subject: string; key: string; payload: object } => ({
      subject: 'events.test.arrived.v1',
      key,
      payload: { key },
    });
    await database.unitOfWork.run((tx) => outbox.add(tx, event('one'), event('two')));
    await expect(
      database.unitOfWork.run(async (tx) => {
        await outbox.add(tx, event('three'));
        throw new Error('storm');
      }),
    ).rejects.toThrow('storm');
    expect(await database.rows('SELECT key, payload FROM outbox_event ORDER BY id')).toEqual([
      { key: 'one', payload: { key: 'one' } },
      { key: 'two', payload: { key: 'two' } },
    ]);
  });

  it('tells observers of events inside of their transaction, which one of them can end', async () => {
    const seen: string[] = [];
    const isThere = async (tx: Transaction, key: string): Promise<boolean> =>
      (await tx.rows('SELECT 1 FROM outbox_event WHERE key = $1', [key])).length === 1;
    const outbox = new Outbox(undefined, [
      {
        observe: async (tx, events) => {
          for (const { key } of events) seen.push(`${key} ${await isThere(tx, key)}`);
          if (events.length > 1) throw new Error('storm');
        },
      },
    ]);
    const event = (key: string) => ({ subject: 'events.test.arrived.v1', key, payload: {} });
    await database.unitOfWork.run((tx) => outbox.add(tx, event('four')));
    await expect(database.unitOfWork.run((tx) => outbox.add(tx, event('five'), event('six')))).rejects.toThrow('storm');
    expect(seen).toEqual(['four true', 'five true', 'six true']);
    expect(await database.rows(`SELECT key FROM outbox_event WHERE key IN ('four', 'five', 'six')`)).toEqual([
      { key: 'four' },
    ]);
  });
});

/** Lets nobody pass before `count` have come; later comers (a retried unit) pass at once. */
function barrier(count: number): () => Promise<void> {
  let come = 0;
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return () => {
    if (++come >= count) open();
    return opened;
  };
}
