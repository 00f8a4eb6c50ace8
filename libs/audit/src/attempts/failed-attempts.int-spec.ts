import type { UnitOfWork } from '@breakwater/database';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { AuditEntryRepository } from '../entries/audit-entry.repository.js';
import { type AuditWorld, createAuditWorld } from '../testing/audit-world.js';
import { DEFAULT_ATTEMPTS, type FailedAttempt, FailedAttempts } from './failed-attempts.js';

const AT = new Date('2026-11-02T09:14:07.512Z');
const ATTEMPT: FailedAttempt = {
  type: 'update_project',
  projectId: 3,
  username: 'carla',
  resource: 'team',
  reason: '403 forbidden',
};

let world: AuditWorld;
let isDatabaseAway: boolean;
beforeAll(async () => {
  world = await createAuditWorld();
});
beforeEach(async () => {
  await world.database.rows('TRUNCATE audit_log');
  isDatabaseAway = false;
});
afterAll(() => world.close());

function recorder(maxRows = DEFAULT_ATTEMPTS.maxRows): FailedAttempts {
  const { unitOfWork } = world.database;
  const sometimes: Pick<UnitOfWork, 'run'> = {
    run: (work) => (isDatabaseAway ? Promise.reject(new Error('away')) : unitOfWork.run(work)),
  };
  return new FailedAttempts(sometimes, new AuditEntryRepository(), { now: () => AT }, { flushSeconds: 60, maxRows });
}

describe('failed attempts', () => {
  it('are rows that say who tried what, and why not', async () => {
    const attempts = recorder();
    attempts.note(ATTEMPT);
    await attempts.flush();
    expect(await world.rows()).toEqual([
      {
        project: 3,
        username: 'carla',
        did: 'update project',
        resource: 'team',
        description: 'update project: team failed: 403 forbidden',
        success: false,
        at: AT,
      },
    ]);
  });

  it('are rows in the order in which they were tried, however long each had to be looked up', async () => {
    const attempts = recorder();
    const slow = Promise.withResolvers<FailedAttempt>();
    attempts.noteLater(slow.promise);
    attempts.noteLater(Promise.resolve({ ...ATTEMPT, resource: 'second' }));
    const flushed = attempts.flush();
    await new Promise((resolve) => setImmediate(resolve));
    slow.resolve({ ...ATTEMPT, resource: 'first' });
    await flushed;
    expect((await world.rows()).map(({ resource }) => resource)).toEqual(['first', 'second']);
  });

  it('are one row where they are repeated', async () => {
    const attempts = recorder();
    for (let count = 0; count < 4; count++) attempts.note(ATTEMPT);
    attempts.note({ ...ATTEMPT, username: 'dora' });
    await attempts.flush();
    expect((await world.rows()).map(({ username, description }) => [username, description])).toEqual([
      ['carla', 'update project: team failed: 403 forbidden, 4 times'],
      ['dora', 'update project: team failed: 403 forbidden'],
    ]);
  });

  it('are so many rows and one more, however many they are', async () => {
    const attempts = recorder(2);
    for (let nth = 0; nth < 100; nth++) attempts.note({ ...ATTEMPT, resource: `team${nth}` });
    await attempts.flush();
    expect((await world.rows()).map(({ description }) => description)).toEqual([
      'update project: team0 failed: 403 forbidden',
      'update project: team1 failed: 403 forbidden',
      'update project: team99 failed: 403 forbidden, and 97 other attempts of anybody',
    ]);
  });

  it('wait for a database that is away, within the same bounds', async () => {
    const attempts = recorder(1);
    isDatabaseAway = true;
    attempts.note(ATTEMPT);
    attempts.note({ ...ATTEMPT, resource: 'other' });
    await attempts.flush();
    attempts.note({ ...ATTEMPT, resource: 'third' });
    await attempts.flush();
    isDatabaseAway = false;
    await attempts.flush();
    expect((await world.rows()).map(({ description }) => String(description).split(' failed')[1])).toEqual([
      ': 403 forbidden',
      ': 403 forbidden, and 1 other attempts of anybody',
    ]);
  });

  it('keep what a client named to what a row can hold', async () => {
    const attempts = recorder();
    attempts.note({ ...ATTEMPT, resource: `\u0000\ud800${'x'.repeat(100_000)}` });
    await attempts.flush();
    expect((await world.rows())[0]?.['resource']).toBe(`\ufffd\ufffd${'x'.repeat(510)}`);
  });
});
