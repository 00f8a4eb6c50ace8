import type { Database } from '@breakwater/database';
import { explainQueries } from '@breakwater/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type AuditWorld, createAuditWorld } from '../testing/audit-world.js';
import { AuditLogReader, COUNTED, type AuditLogRequest, type AuditLogScope } from './audit-log.reader.js';

// 200,000 rows of a day and a half: 1,000 projects, 500 users, almost all of it pulls. Project 1 has every tenth row.
const ROWS = 200_000;

let world: AuditWorld;
beforeAll(async () => {
  world = await createAuditWorld();
  await world.database.rows(
    `INSERT INTO audit_log (op_time, project_id, username, operation, resource_type, resource, description, is_success)
     SELECT '2026-11-01T00:00:00Z'::timestamptz + n * interval '1 second',
            CASE WHEN n % 1000 = 500 THEN NULL WHEN n % 10 = 0 THEN 1 ELSE 2 + n % 999 END,
            CASE n WHEN 77 THEN 'rare' ELSE 'user' || n % 500 END,
            CASE WHEN n % 20000 = 0 THEN 'delete' WHEN n % 50 = 7 THEN 'create' ELSE 'pull' END,
            CASE n % 20000 WHEN 0 THEN 'project' ELSE 'artifact' END, 'p/r:' || n, 'pull artifact: p/r:' || n, n % 97 <> 0
     FROM generate_series(1, ${ROWS}) n`,
  );
  await world.database.rows('VACUUM (ANALYZE) audit_log');
});
afterAll(() => world.close());

const PAGE: AuditLogRequest = { limit: 10, offset: 0 };
const EVERYTHING: AuditLogScope = { kind: 'everything' };
const of = (...projectIds: number[]): AuditLogScope => ({ kind: 'projects', projectIds });
const list = (scope: AuditLogScope, request: AuditLogRequest = PAGE) => world.auditLog.reader.list(scope, request);
const where = (sql: string, ...params: string[]): AuditLogRequest => ({ ...PAGE, where: { sql, params } });

describe('AuditLogReader', () => {
  it('shows the newest first', async () => {
    const { items } = await list(EVERYTHING);
    expect(items.map(({ id }) => id)).toEqual(Array.from({ length: 10 }, (_, nth) => ROWS - nth));
    expect(items[1]).toEqual({
      id: ROWS - 1,
      username: 'user499',
      operation: 'pull',
      resourceType: 'artifact',
      resource: `p/r:${ROWS - 1}`,
      description: `pull artifact: p/r:${ROWS - 1}`,
      isSuccess: true,
      at: new Date('2026-11-03T07:33:19.000Z'),
    });
  });

  it('shows a later page, and the oldest first where it is asked to', async () => {
    const later = await list(of(1, 3), { limit: 5, offset: 100 });
    const all = await list(of(1, 3), { limit: 105, offset: 0 });
    expect(later.items).toEqual(all.items.slice(100));
    const oldest = await list(EVERYTHING, { ...PAGE, orderBy: 'op_time ASC, id ASC' });
    expect(oldest.items.map(({ id }) => id).slice(0, 3)).toEqual([1, 2, 3]);
  });

  it('keeps to its scope', async () => {
    const [{ count } = { count: 0 }] = await world.database.rows<{ count: number }>(
      'SELECT count(*)::int AS count FROM audit_log WHERE project_id IN (5, 6)',
    );
    expect((await list(of(5, 6))).total).toBe(count);
    expect(await list(of())).toEqual({ items: [], total: 0 });
    expect(await list(of(7_777))).toEqual({ items: [], total: 0 });
    const ofTheSystem = where('project_id IS NULL');
    expect((await list(EVERYTHING, ofTheSystem)).total).toBe(200);
    expect((await list({ kind: 'all-projects' }, ofTheSystem)).total).toBe(0);
  });

  it('counts exactly what can be counted quickly, and beyond that says about how many', async () => {
    expect((await list(EVERYTHING, where('operation = $1::text', 'create'))).total).toBe(4_000);
    const { total } = await list(EVERYTHING);
    expect(total).toBeGreaterThan(ROWS * 0.9);
    expect(total).toBeLessThan(ROWS * 1.1);
    expect((await list(of(1))).total).toBeGreaterThan(COUNTED);
  });

  it('tells of a next page while there is one, and of none beyond the end', async () => {
    const last = await list(EVERYTHING, { limit: 100, offset: ROWS - 100 });
    expect(last).toMatchObject({ items: { length: 100 }, total: ROWS });
    expect((await list(EVERYTHING, { limit: 100, offset: ROWS - 101 })).total).toBeGreaterThanOrEqual(ROWS);
    const beyond = await list(EVERYTHING, { limit: 100, offset: ROWS });
    expect(beyond.items).toEqual([]);
    expect(beyond.total).toBeLessThanOrEqual(ROWS);
    expect(await list(of(5), { limit: 100, offset: 100_000 })).toEqual({ items: [], total: 181 });
  });
});

describe('a page of the audit log', () => {
  const LEAST = 20;
  it.each<[string, atMost: readonly number[], AuditLogScope, AuditLogRequest]>([
    ['everything', [2 * LEAST + 2, COUNTED + 1], EVERYTHING, PAGE],
    ['one project', [2 * LEAST + 2, COUNTED + 1], of(1), PAGE],
    ['many projects', [30 * LEAST, COUNTED + 1], of(...Array.from({ length: 30 }, (_, nth) => nth + 1)), PAGE],
    ['a user', [2 * LEAST + 2, 500], EVERYTHING, where('username = $1::text', 'user7')],
    ['a user who did little', [LEAST], EVERYTHING, where('username = $1::text', 'rare')],
    ['what is rare', [LEAST], EVERYTHING, where('operation = $1::text', 'delete')],
    [
      'a time long ago',
      [2 * LEAST + 2, 1_100],
      EVERYTHING,
      where(
        'op_time >= $1::timestamptz AND op_time <= $2::timestamptz',
        '2026-11-01T00:00:00Z',
        '2026-11-01T00:16:40Z',
      ),
    ],
    ['a later page', [1_100, COUNTED + 1], EVERYTHING, { limit: 10, offset: 1_000 }],
  ])('of %s reads its page and no more', async (_, atMost, scope, request) => {
    const reads = await explainQueries(world.database, (database: Database) =>
      new AuditLogReader(database).list(scope, request),
    );
    expect(reads.filter(({ rows }, nth) => rows > (atMost[nth] ?? 0))).toEqual([]);
    expect(reads).toHaveLength(atMost.length);
    expect(reads[0]?.scanned).toEqual([]);
  });
});
