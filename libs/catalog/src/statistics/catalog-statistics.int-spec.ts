import { CreateOutbox1764000000000, type Database } from '@breakwater/database';
import { createTestDatabase, type TestDatabase } from '@breakwater/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { catalogSchema } from '../create-catalog.js';
import { CatalogStatistics, STORED_BYTES_AGE_MS } from './catalog-statistics.js';

let test: TestDatabase;
let database: Database;
beforeAll(async () => {
  const { migrations, entities } = catalogSchema;
  test = await createTestDatabase({ entities, migrations: [CreateOutbox1764000000000, ...migrations] });
  database = await test.connect();
  await database.rows(
    `INSERT INTO project (name, owner_id, is_public) VALUES ('open', 1, true), ('own', 1, false), ('other', 1, false)`,
  );
  // The last one has had no manifest yet: lists do not show it.
  await database.rows(
    `INSERT INTO repository (project_id, name, listed_at)
     SELECT id, name || '/' || part, CASE part WHEN 'new' THEN NULL ELSE now() END
     FROM project, unnest(ARRAY['app', 'web', 'new']) part WHERE name <> 'other'`,
  );
  await database.rows(
    `INSERT INTO blob (digest, size_bytes, object_key) VALUES ('sha256:a', 5, 'a'), ('sha256:b', 7, 'b')`,
  );
});
afterAll(() => test.drop());

describe('CatalogStatistics', () => {
  it('counts public projects and the private ones that are one’s own', async () => {
    const statistics = new CatalogStatistics(database);
    const [own] = await database.rows<{ id: number }>(`SELECT id FROM project WHERE name = 'own'`);
    expect(await statistics.count({ all: false, projectIds: [own?.id ?? 0] })).toEqual({
      publicProjects: 1,
      privateProjects: 1,
      publicRepositories: 2,
      privateRepositories: 2,
    });
    expect(await statistics.count({ all: false, projectIds: [] })).toMatchObject({ privateProjects: 0 });
    expect(await statistics.count({ all: true })).toMatchObject({ privateProjects: 2, privateRepositories: 2 });
  });

  it('counts each blob once, and adds them up again after a minute, not at each request', async () => {
    let nowMs = 0;
    const statistics = new CatalogStatistics(database, () => nowMs);
    expect(await Promise.all([statistics.storedBytes(), statistics.storedBytes()])).toEqual([12, 12]);
    await database.rows(`INSERT INTO blob (digest, size_bytes, object_key) VALUES ('sha256:c', 1, 'c') RETURNING id`);
    nowMs = STORED_BYTES_AGE_MS - 1;
    expect(await statistics.storedBytes()).toBe(12);
    nowMs = STORED_BYTES_AGE_MS;
    expect(await statistics.storedBytes()).toBe(13);
  });
});
