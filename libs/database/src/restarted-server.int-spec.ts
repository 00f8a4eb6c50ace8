import { createTestDatabase, eventually, startTestPostgres, type TestDatabase } from '@breakwater/testing';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { Database } from './database.js';
import { DatabaseRefusedError, DatabaseUnavailableError, UniqueViolationError } from './database.errors.js';
import { connectWhenReady } from './start-up.js';

class CreateHarbour1764000000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE TABLE harbour (name uuid, side text, PRIMARY KEY (name, side))');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE harbour');
  }
}

const schema = { entities: [], migrations: [CreateHarbour1764000000001] };

/** Several callers at once, who note what they are told. */
class Callers {
  readonly acknowledged: string[] = [];
  readonly attempted: string[] = [];
  /** What was neither done nor unavailable. */
  readonly riddles: unknown[] = [];
  served = 0;
  refused = 0;
  private isOver = false;
  private readonly running: Promise<unknown>;

  constructor(private readonly database: Database) {
    const reads = [
      () => database.rows('SELECT count(*) FROM harbour'),
      () => database.rows({ name: 'count', text: 'SELECT count(*) FROM harbour' }, []),
      () => database.rows('SELECT pg_sleep(0.01)'),
    ];
    this.running = Promise.all([...reads, this.write, this.write, this.write].map((call) => this.repeat(call)));
  }

  async end(): Promise<void> {
    this.isOver = true;
    await this.running;
  }

  private readonly write = async (): Promise<void> => {
    const name = randomUUID();
    this.attempted.push(name);
    await this.database.unitOfWork.run(async (tx) => {
      await tx.execute('INSERT INTO harbour VALUES ($1, $2)', [name, 'east']);
      await tx.rows('SELECT pg_sleep(0.005)');
      await tx.execute('INSERT INTO harbour VALUES ($1, $2)', [name, 'west']);
    });
    this.acknowledged.push(name);
  };

  private async repeat(call: () => Promise<unknown>): Promise<void> {
    while (!this.isOver) {
      try {
        await call();
        this.served++;
      } catch (error) {
        if (error instanceof DatabaseUnavailableError) this.refused++;
        else this.riddles.push(error);
        await new Promise((resolve) => setImmediate(resolve)); // a refusal can cost nothing at all
      }
    }
  }
}

/** Those who write too, who are slower than the others. */
async function servedAgain(callers: Callers): Promise<void> {
  const [served, acknowledged] = [callers.served, callers.acknowledged.length];
  await eventually(() => {
    expect(callers.served).toBeGreaterThan(served + 20);
    expect(callers.acknowledged.length).toBeGreaterThan(acknowledged);
  });
}

async function expectKept(database: Database, { acknowledged, attempted }: Callers): Promise<void> {
  const rows = await database.rows<{ name: string; sides: number }>(
    'SELECT name, count(*)::integer AS sides FROM harbour WHERE name = ANY($1) GROUP BY name',
    [attempted],
  );
  expect(rows.filter(({ sides }) => sides !== 2)).toEqual([]);
  const kept = new Set(rows.map(({ name }) => name));
  expect(acknowledged.filter((name) => !kept.has(name))).toEqual([]);
  expect(acknowledged.length).toBeGreaterThan(0);
}

describe('a server that goes away and comes back', () => {
  it.each(['fast', 'immediate', 'kill -9'] as const)(
    'is unavailable meanwhile and nothing else, and keeps what it acknowledged: %s',
    async (how) => {
      let server = await startTestPostgres();
      const options = { url: server.url, poolSize: 5, applicationName: 'callers', acquireTimeoutMs: 1_000 };
      // A server that has just started may be slower than we wait for a connection.
      const database = await eventually(() => Database.connect(options, schema));
      await eventually(() => database.migrate());
      const callers = new Callers(database);
      for (let round = 0; round < 4; round++) {
        await servedAgain(callers);
        const { refused } = callers;
        if (how === 'kill -9') process.kill(server.pid, 'SIGKILL');
        else void server.stop(how);
        await server.exited;
        await eventually(() => expect(callers.refused).toBeGreaterThan(refused));
        server = await startTestPostgres(server);
      }
      await servedAgain(callers);
      await callers.end();
      expect(callers.riddles).toEqual([]);
      await expectKept(database, callers);
      await database.close();
      await server.stop('immediate');
    },
  );
});

describe('a server that lives', () => {
  let test: TestDatabase;
  let administrator: Database;
  beforeAll(async () => {
    test = await createTestDatabase(schema);
    administrator = await test.connect({ applicationName: 'administrator' });
  });
  afterAll(() => test.drop());

  it('and ends our sessions wherever they are is unavailable, and nothing else', async () => {
    const database = await test.connect({ poolSize: 5, applicationName: 'callers' });
    const callers = new Callers(database);
    while (callers.refused < 100) {
      await administrator.rows(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND application_name = 'callers'`,
        [test.name],
      );
    }
    await servedAgain(callers);
    await callers.end();
    expect(callers.riddles).toEqual([]);
    await expectKept(administrator, callers);
  });

  it('and cancels our statements is unavailable, and nothing else', async () => {
    const database = await test.connect({ poolSize: 5, applicationName: 'cancelled' });
    const callers = new Callers(database);
    while (callers.refused < 100) {
      await administrator.rows(
        `SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND application_name = 'cancelled'`,
        [test.name],
      );
    }
    await servedAgain(callers);
    await callers.end();
    expect(callers.riddles).toEqual([]);
    await expectKept(administrator, callers);
  });

  it('and is out of time for our statement is unavailable', async () => {
    // To connect is a few statements, each of which may be out of time as well.
    const database = await eventually(() => test.connect({ statementTimeoutMs: 50 }));
    const slow = [
      database.rows('SELECT pg_sleep(30)'),
      database.unitOfWork.run((tx) => tx.rows('SELECT pg_sleep(30)')),
    ];
    for (const outcome of await Promise.allSettled(slow))
      expect(outcome).toMatchObject({ status: 'rejected', reason: expect.any(DatabaseUnavailableError) });
  });

  it('and has become a standby is unavailable to who writes', async () => {
    const database = await test.connect();
    const work = database.unitOfWork.run(async (tx) => {
      await tx.execute('SET TRANSACTION READ ONLY');
      await tx.execute('INSERT INTO harbour VALUES ($1, $2)', [randomUUID(), 'east']);
    });
    await expect(work).rejects.toBeInstanceOf(DatabaseUnavailableError);
  });

  it('and has no connection left for us is unavailable', async () => {
    await administrator.rows(`ALTER DATABASE ${test.name} CONNECTION LIMIT 0`);
    await administrator.rows(`CREATE ROLE somebody LOGIN PASSWORD 'some'`);
    const url = new URL(test.url);
    url.username = 'somebody';
    url.password = 'some';
    const connecting = Database.connect({ url: url.href, poolSize: 1, applicationName: 'one-more' }, schema);
    await expect(connecting).rejects.toBeInstanceOf(DatabaseUnavailableError);
    await expect(connecting).rejects.not.toBeInstanceOf(DatabaseRefusedError);
    await administrator.rows('DROP ROLE somebody');
  });

  it.each([
    ['another password', (url: URL) => (url.password = 'other')],
    ['an unknown user', (url: URL) => (url.username = 'nobody-knows')],
    ['an unknown database', (url: URL) => (url.pathname = '/nowhere')],
  ])('and does not let us in with %s is refusing, for which nobody waits', async (_, change) => {
    const url = new URL(test.url);
    change(url);
    const options = { url: url.href, poolSize: 1, applicationName: 'stranger' };
    const waits: string[] = [];
    const startUp = { signal: new AbortController().signal, onWaiting: (reason: string) => waits.push(reason) };
    const connecting = connectWhenReady(options, schema, startUp);
    await expect(connecting).rejects.toMatchObject({
      name: DatabaseRefusedError.name,
      kind: 'unavailable',
      message: expect.stringMatching(/password|exist/),
    });
    expect(waits).toEqual([]);
  });
});

describe('a statement that failed in a unit of work', () => {
  let test: TestDatabase;
  beforeAll(async () => {
    test = await createTestDatabase(schema);
  });
  afterAll(() => test.drop());

  it('fails all of it, even where the work goes on', async () => {
    const { unitOfWork } = await test.connect();
    const name = randomUUID();
    const work = unitOfWork.run(async (tx) => {
      await tx.execute('INSERT INTO harbour VALUES ($1, $2)', [name, 'east']);
      await tx.execute('INSERT INTO harbour VALUES ($1, $2)', [name, 'east']).catch(() => 0);
    });
    await expect(work).rejects.toBeInstanceOf(UniqueViolationError);
  });

  it('is told after the work has hidden it from us', async () => {
    const { unitOfWork } = await test.connect();
    const work = unitOfWork.run((tx) => tx.manager.query('SELECT 1 / 0').catch(() => 0));
    await expect(work).rejects.toThrow('failed statement');
  });

  it('leaves its connection to others, without its transaction', async () => {
    const database = await test.connect({ poolSize: 1 });
    const name = randomUUID();
    const failing = database.unitOfWork.run(async (tx) => {
      await tx.execute('INSERT INTO harbour VALUES ($1, $2)', [name, 'east']);
      throw new Error('storm');
    });
    await expect(failing).rejects.toThrow('storm');
    await database.unitOfWork.run((tx) => tx.rows('SELECT 1'));
    expect(await database.rows('SELECT FROM harbour WHERE name = $1', [name])).toEqual([]);
  });
});

it('a hint that fails after the commit fails nothing', async () => {
  const test = await createTestDatabase(schema);
  const { unitOfWork } = await test.connect();
  const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
  const work = unitOfWork.run(async (tx) => {
    tx.onCommit(() => {
      throw new Error('the broker is away');
    });
    return 'done';
  });
  expect(await work).toBe('done');
  expect(warn.mock.calls).toEqual([[expect.stringContaining('the broker is away')]]);
  warn.mockRestore();
  await test.drop();
});
