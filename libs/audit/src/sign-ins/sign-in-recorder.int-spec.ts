import type { UnitOfWork } from '@breakwater/database';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { AuditEntryRepository } from '../entries/audit-entry.repository.js';
import { type AuditWorld, createAuditWorld } from '../testing/audit-world.js';
import { SignInRecorder } from './sign-in-recorder.js';

const HOME = '198.51.100.4';
let now = new Date('2026-11-02T09:00:00.000Z');
let world: AuditWorld;
let recorder: SignInRecorder;
/** Called when a flush has taken what it writes. */
let whenWriting: (() => void) | null;

beforeAll(async () => {
  world = await createAuditWorld();
});
beforeEach(async () => {
  await world.database.rows('TRUNCATE audit_log');
  whenWriting = null;
  const { unitOfWork } = world.database;
  const watched: Pick<UnitOfWork, 'run'> = {
    run: (work) => {
      whenWriting?.();
      return unitOfWork.run(work);
    },
  };
  // An hour between flushes: only `flush` writes in these tests.
  const options = { flushSeconds: 3_600, maxFailures: 3, repeatSeconds: 3_600 };
  recorder = new SignInRecorder(watched, new AuditEntryRepository(), { now: () => now }, options);
});
afterAll(() => world.close());

const succeeds = (username: string, source = HOME): void =>
  recorder.signInChecked({ username, source, isSuccess: true });
const fails = (username: string | null, source = HOME): void =>
  recorder.signInChecked({ username, source, isSuccess: false });
const later = (seconds: number): void => void (now = new Date(now.getTime() + seconds * 1000));

async function written(): Promise<unknown[]> {
  await recorder.flush();
  const rows = await world.rows();
  await world.database.rows('TRUNCATE audit_log');
  return rows.map(
    ({ username, description, success }) => `${String(username)} ${String(description)}${success === true ? '' : ' !'}`,
  );
}

describe('SignInRecorder', () => {
  it('writes a sign-in down as Harbor does, with where it came from', async () => {
    succeeds('carla');
    await recorder.flush();
    expect(await world.rows()).toEqual([
      {
        project: null,
        username: 'carla',
        did: 'login user',
        resource: 'carla',
        description: `login from ${HOME}`,
        success: true,
        at: now,
      },
    ]);
  });

  it('writes a client down once an hour that sends its password all day, and a second place at once', async () => {
    succeeds('carla');
    expect(await written()).toEqual([`carla login from ${HOME}`]);
    later(3_599);
    succeeds('carla');
    succeeds('carla', '203.0.113.9');
    expect(await written()).toEqual(['carla login from 203.0.113.9']);
    later(1);
    succeeds('carla');
    expect(await written()).toEqual([`carla login from ${HOME}`]);
  });

  it('writes a success down that comes after failures, whenever it was that another one was', async () => {
    succeeds('carla');
    await written();
    for (let nth = 0; nth < 4; nth++) fails('carla');
    succeeds('carla');
    expect(await written()).toEqual([`carla login failed from ${HOME}, 4 times !`, `carla login from ${HOME}`]);
  });

  it('does not keep what was typed where there is no such user', async () => {
    fails(null);
    expect(await written()).toEqual([`anonymous login failed from ${HOME}: no such user !`]);
  });

  it('writes a few rows and a sum, however many names are tried from however many addresses', async () => {
    for (let nth = 0; nth < 50_000; nth++) fails('admin', `10.${nth >> 16}.${(nth >> 8) & 255}.${nth & 255}`);
    expect(await written()).toEqual([
      'admin login failed from 10.0.0.0 !',
      'admin login failed from 10.0.0.1 !',
      'admin login failed from 10.0.0.2 !',
      'anonymous login failed for other users or from other addresses, 49997 times !',
    ]);
  });

  it('keeps what could not be written, within the same bounds', async () => {
    succeeds('carla');
    for (const source of ['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.4']) fails('admin', source);
    await world.database.rows('ALTER TABLE audit_log RENAME TO away');
    const writing = new Promise<void>((resolve) => (whenWriting = resolve));
    const failing = recorder.flush();
    await writing;
    fails('admin', '10.0.0.5');
    fails('admin', '10.0.0.1');
    await failing;
    await world.database.rows('ALTER TABLE away RENAME TO audit_log');
    const rows = await written();
    expect(rows).toHaveLength(5);
    expect(rows).toContain('admin login failed from 10.0.0.1, 2 times !');
    expect(rows).toContain('anonymous login failed for other users or from other addresses, 2 times !');
    expect(rows).toContain(`carla login from ${HOME}`);
  });

  it('writes nothing where there is nothing', async () => {
    expect(await written()).toEqual([]);
  });
});
