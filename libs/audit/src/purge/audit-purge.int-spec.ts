import { eventToTell, ProjectUpdatedV1 } from '@breakwater/contracts';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type AuditWorld, createAuditWorld } from '../testing/audit-world.js';
import { AuditPurge } from './audit-purge.js';

const DAY_MS = 24 * 3_600 * 1_000;
let world: AuditWorld;

beforeAll(async () => {
  world = await createAuditWorld();
});
beforeEach(async () => {
  await world.database.rows('TRUNCATE audit_log');
  const events = [0, 29, 31, 400].map((daysAgo) => {
    const at = new Date(Date.now() - daysAgo * DAY_MS).toISOString();
    return eventToTell(ProjectUpdatedV1, 'project:3', { projectId: 3, name: `${daysAgo} days ago`, by: 'carla', at });
  });
  await world.database.unitOfWork.run((tx) => world.outbox.add(tx, ...events));
});
afterAll(() => world.close());

const left = async (): Promise<unknown[]> => (await world.rows()).map(({ resource }) => resource);

describe('AuditPurge', () => {
  it('takes rows that are older than they are kept, and no others', async () => {
    expect(await new AuditPurge(world.database).purge(30)).toBe(2);
    expect(await left()).toEqual(['0 days ago', '29 days ago']);
  });

  it('takes a batch at a time, the oldest first', async () => {
    const purge = new AuditPurge(world.database);
    expect(await purge.purge(30, 1)).toBe(1);
    expect(await left()).toEqual(['0 days ago', '29 days ago', '31 days ago']);
    expect(await purge.purge(30, 1)).toBe(1);
    expect(await purge.purge(30, 1)).toBe(0);
  });

  it('reads along the index of time', async () => {
    await world.database.rows('ANALYZE audit_log');
    const plan = await world.database.unitOfWork.run(async (tx) => {
      await tx.execute('SET LOCAL enable_seqscan = off');
      return tx.rows(
        `EXPLAIN SELECT id FROM audit_log WHERE op_time < now() - make_interval(days => 30) ORDER BY op_time, id LIMIT 9`,
      );
    });
    expect(JSON.stringify(plan)).toContain('audit_log_time_idx');
  });
});
