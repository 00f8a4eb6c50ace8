import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabase, eventually, FaultyLine, type TestDatabase } from '@breakwater/testing';
import { Database } from './database.js';
import { DatabaseUnavailableError } from './database.errors.js';
import { CreateOutbox1764000000000 } from './migrations/create-outbox.migration.js';

const schema = { entities: [], migrations: [CreateOutbox1764000000000] };

describe('a server that falls silent', () => {
  let test: TestDatabase;
  let line: FaultyLine;
  let database: Database;

  beforeAll(async () => {
    test = await createTestDatabase(schema);
    line = await FaultyLine.to(test.url);
    const options = { url: line.url, poolSize: 2, applicationName: 'silent', answerTimeoutMs: 300 };
    // On a slow machine an answer may take longer than these tests wait for one.
    database = await eventually(() => Database.connect(options, schema));
  });
  afterAll(async () => {
    await database.close();
    line.close();
    await test.drop();
  });

  it('is unavailable to a read, and the next one has another connection', async () => {
    await connected();
    line.fail('silence', 'served');
    const reads = [database.rows('SELECT 1'), database.rows({ name: 'one', text: 'SELECT 1' }, [])];
    for (const outcome of await Promise.allSettled(reads))
      expect(outcome).toMatchObject({ status: 'rejected', reason: expect.any(DatabaseUnavailableError) });
    await connected();
  });

  it('is unavailable to a unit of work, whose connection nobody gets after it', async () => {
    const unit = (): Promise<unknown> =>
      database.unitOfWork.run(async (tx) => {
        await tx.rows('SELECT 1');
        line.fail('silence', 'served');
        await tx.rows('SELECT 1');
      });
    for (const outcome of await Promise.allSettled([unit(), unit()]))
      expect(outcome).toMatchObject({ status: 'rejected', reason: expect.any(DatabaseUnavailableError) });
    await connected();
  });

  async function connected(): Promise<void> {
    await eventually(() => Promise.all([database.ping(), database.ping()]));
  }
});
