import { createTestDatabase, FaultyLine, type FaultPlan, type TestDatabase } from '@breakwater/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { EntitySchema, type MigrationInterface, type QueryRunner } from 'typeorm';
import { Database } from './database.js';
import { DatabaseUnavailableError } from './database.errors.js';

// The connection breaks at one place after the other, from the first byte of its making to the last of the work.

class CreateHarbour1764000000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE TABLE harbour (name uuid, side text, PRIMARY KEY (name, side))');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE harbour');
  }
}

const Harbour = new EntitySchema<{ name: string; side: string }>({
  name: 'harbour',
  columns: { name: { type: 'uuid', primary: true }, side: { type: 'text', primary: true } },
});

const schema = { entities: [Harbour], migrations: [CreateHarbour1764000000001] };

type Outcome = 'done' | 'unavailable';

/** @param name  that nobody used before. */
type Work = (database: Database, name: string) => Promise<unknown>;

const INSERT = 'INSERT INTO harbour VALUES ($1, $2)';
const PREPARED = { name: 'insert', text: INSERT };

const WRITES: Readonly<Record<string, Work>> = {
  'a unit of work': ({ unitOfWork }, name) =>
    unitOfWork.run(async (tx) => {
      await tx.execute(INSERT, [name, 'east']);
      await tx.rows('SELECT count(*) FROM harbour WHERE name = $1', [name]);
      await tx.execute(INSERT, [name, 'west']);
    }),
  'a unit of work on entities': ({ unitOfWork }, name) =>
    unitOfWork.run(async (tx) => {
      await tx.manager.insert(Harbour, { name, side: 'east' });
      await tx.manager.insert(Harbour, { name, side: 'west' });
    }),
  'a unit of work whose statements travel together': ({ unitOfWork }, name) =>
    unitOfWork.run((tx) => Promise.all(['east', 'west'].map((side) => tx.execute(INSERT, [name, side])))),
  'a unit of work whose writes nobody waits for': ({ unitOfWork }, name) =>
    unitOfWork.run((tx) => ['east', 'west'].forEach((side) => tx.enqueue(INSERT, [name, side]))),
  'a unit of work that is known beforehand': ({ unitOfWork }, name) =>
    unitOfWork.atOnce([PREPARED, [name, 'east']], [PREPARED, [name, 'west']]),
};

const READS: Readonly<Record<string, Work>> = {
  'a read': (database) => database.rows('SELECT * FROM harbour LIMIT 3'),
  'a prepared read': (database) => database.rows({ name: 'some', text: 'SELECT * FROM harbour LIMIT 3' }, []),
  'the look for migrations': (database) => database.pendingMigrations(),
  'the migration': (database) => database.migrate(),
};

/** Bytes between two breaks: primes, so that they fall on all parts of messages, and less than the answer to COMMIT. */
const STEP_BYTES = { reset: 13, end: 17 };
const SILENT_PLACES = 12;
/** Of a request, and as long again to wait for its connection. */
const SILENCE_MS = 1_000;

const WAYS = ['questions', 'answers'] as const;
const FAULTS = ['reset', 'end'] as const;
const CASES = WAYS.flatMap((of) => FAULTS.map((fault) => ({ of, fault })));

describe('a connection that breaks', () => {
  let test: TestDatabase;
  let direct: Database;
  const unhandled: unknown[] = [];
  const note = (error: unknown): number => unhandled.push(error);

  beforeAll(async () => {
    test = await createTestDatabase(schema);
    direct = await test.connect();
    process.on('unhandledRejection', note);
  });
  afterAll(async () => {
    process.off('unhandledRejection', note);
    await test.drop();
  });
  /** One pass for each place to break at, until the work is done before the line breaks. */
  async function breakAtEachStep(
    work: Work,
    { of, fault }: (typeof CASES)[number],
    check: (outcome: Outcome, name: string) => Promise<void>,
  ): Promise<number> {
    const line = await FaultyLine.to(test.url);
    const database = await Database.connect({ url: line.url, poolSize: 2, applicationName: 'breaking' }, schema);
    let breaks = 0;
    for (let after = 0; ; after += STEP_BYTES[fault]) {
      const name = randomUUID();
      line.failAt({ of, fault, in: 'bytes', after, then: 'refused' });
      const outcome = await outcomeOf(work(database, name));
      const hasFailed = line.hasFailed;
      line.mend();
      await check(outcome, name);
      if (!hasFailed) break;
      breaks++;
    }
    await database.close();
    line.close();
    return breaks;
  }

  /** From connecting to the end of the work, on a line of its own. */
  async function overALine(plan: FaultPlan | null, work: Work, name: string): Promise<[Outcome, FaultyLine]> {
    const line = await FaultyLine.to(test.url);
    line.failAt(plan);
    const timeouts = plan === null ? {} : { acquireTimeoutMs: SILENCE_MS, answerTimeoutMs: SILENCE_MS };
    const whole = async (): Promise<void> => {
      const options = { url: line.url, poolSize: 2, applicationName: 'breaking', ...timeouts };
      const database = await Database.connect(options, schema);
      await work(database, name).finally(() => database.close());
    };
    return [await outcomeOf(whole()), line];
  }

  /** At many places, all at once: each costs its time-outs. */
  async function fallSilent(work: Work, of: FaultPlan['of']): Promise<{ outcome: Outcome; name: string }[]> {
    const [, line] = await overALine(null, work, randomUUID());
    const { bytes } = line.traffic[of];
    line.close();
    const places = Array.from({ length: SILENT_PLACES }, (_, index) => Math.floor((index * bytes) / SILENT_PLACES));
    const lines: FaultyLine[] = [];
    const seen = await Promise.all(
      places.map(async (after) => {
        const name = randomUUID();
        const plan: FaultPlan = { of, in: 'bytes', after, fault: 'silence', then: 'refused' };
        const [outcome, silent] = await overALine(plan, work, name);
        lines.push(silent);
        return { outcome, name };
      }),
    );
    for (const silent of lines) silent.close();
    return seen;
  }

  async function sidesOf(name: string): Promise<number> {
    return (await direct.rows('SELECT FROM harbour WHERE name = $1', [name])).length;
  }

  describe.each(Object.entries(WRITES))('in %s', (_, work) => {
    it.each(CASES)('is unavailable and leaves all or nothing: $fault, by bytes of $of', async ({ of, fault }) => {
      const seen = { done: 0, lost: 0, unknown: 0 };
      const breaks = await breakAtEachStep(work, { of, fault }, async (outcome, name) => {
        const sides = await sidesOf(name);
        expect([0, 2]).toContain(sides);
        if (outcome === 'done') expect(sides).toBe(2);
        seen[outcome === 'done' ? 'done' : sides === 0 ? 'lost' : 'unknown']++;
      });
      expect(breaks).toBeGreaterThan(5);
      expect(seen.done).toBeGreaterThan(0);
      expect(seen.lost).toBeGreaterThan(0);
      // The answer to COMMIT is lost with its first bytes: it is done, and nobody can know.
      if (of === 'answers') expect(seen.unknown).toBeGreaterThan(0);
      expect(unhandled).toEqual([]);
    });

    it.each(WAYS)('is unavailable and leaves all or nothing when it falls silent, by bytes of %s', async (of) => {
      for (const { outcome, name } of await fallSilent(work, of)) {
        const sides = await sidesOf(name);
        expect(outcome === 'done' ? [2] : [0, 2]).toContain(sides);
      }
      expect(unhandled).toEqual([]);
    });
  });

  describe.each(Object.entries(READS))('in %s', (_, work) => {
    it.each(CASES)('is unavailable: $fault, by bytes of $of', async ({ of, fault }) => {
      const breaks = await breakAtEachStep(work, { of, fault }, async () => undefined);
      expect(breaks).toBeGreaterThan(0);
      expect(unhandled).toEqual([]);
    });

    it.each(WAYS)('is unavailable when it falls silent, by bytes of %s', async (of) => {
      const outcomes = (await fallSilent(work, of)).map(({ outcome }) => outcome);
      expect(outcomes).toContain('unavailable');
      expect(unhandled).toEqual([]);
    });
  });

  it.each(FAULTS)('while it is made is unavailable: %s', async (fault) => {
    const line = await FaultyLine.to(test.url);
    for (let after = 0; ; after += STEP_BYTES[fault]) {
      line.failAt({ of: 'answers', in: 'bytes', after, fault, then: 'refused' });
      const connecting = Database.connect({ url: line.url, poolSize: 1, applicationName: 'breaking' }, schema);
      const outcome = await outcomeOf(connecting.then((database) => database.close()));
      const hasFailed = line.hasFailed;
      line.mend();
      expect(outcome).toBe(hasFailed ? 'unavailable' : 'done');
      if (!hasFailed) break;
    }
    line.close();
  });
});

/** @throws whatever is neither: that is what these tests look for. */
async function outcomeOf(work: Promise<unknown>): Promise<Outcome> {
  try {
    await work;
    return 'done';
  } catch (error) {
    if (error instanceof DatabaseUnavailableError) return 'unavailable';
    throw error;
  }
}
