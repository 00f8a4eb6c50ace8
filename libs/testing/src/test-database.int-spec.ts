import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Database } from '@breakwater/database';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { createTestDatabase, type TestDatabase } from './test-database.js';

class CreateGreeting1700000000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE TABLE greeting (word text PRIMARY KEY)`);
    await runner.query(`INSERT INTO greeting VALUES ('hello')`);
  }
  async down(): Promise<void> {}
}
const SCHEMA = { entities: [], migrations: [CreateGreeting1700000000001] };

describe('createTestDatabase', () => {
  let databases: TestDatabase[];
  let first: Database;
  let second: Database;

  beforeAll(async () => {
    databases = await Promise.all([createTestDatabase(SCHEMA), createTestDatabase(SCHEMA)]);
    [first, second] = (await Promise.all(databases.map((one) => one.connect()))) as [Database, Database];
  });
  afterAll(() => Promise.all(databases.map((one) => one.drop())));

  it('gives each caller migrated tables of its own, even when two ask at once', async () => {
    await first.rows(`INSERT INTO greeting VALUES ('moin')`);
    expect(await second.rows('SELECT word FROM greeting')).toEqual([{ word: 'hello' }]);
    expect(await first.pendingMigrations()).toBe(0);
  });

  it('makes another template when a migration changes', async () => {
    class CreateGreeting1700000000001 implements MigrationInterface {
      async up(runner: QueryRunner): Promise<void> {
        await runner.query(`CREATE TABLE farewell (word text PRIMARY KEY)`);
      }
      async down(): Promise<void> {}
    }
    const changed = await createTestDatabase({ entities: [], migrations: [CreateGreeting1700000000001] });
    const database = await changed.connect();
    expect(await database.rows('SELECT word FROM farewell')).toEqual([]);
    await changed.drop();
  });

  it('drops a database that is still in use', async () => {
    const dropped = await createTestDatabase(SCHEMA);
    const database = await dropped.connect();
    await dropped.drop();
    await expect(database.ping()).rejects.toThrow();
    const names = await first.rows('SELECT 1 FROM pg_database WHERE datname = $1', [dropped.name]);
    expect(names).toEqual([]);
  });
});
