import { describe, expect, it } from '@jest/globals';
import { TestClock } from '../testing/test-clock.js';
import { makeSigningKey, type SigningKeyRow } from './signing-key.js';
import { SigningKeys } from './signing-keys.js';

const SEALER = { seal: (plain: string) => plain, open: (sealed: string) => sealed };
const UNUSED = () => Promise.reject(new Error('not part of this test'));

/** A table that the test changes, and a way to hold back answers that were read before the change. */
function setUp() {
  const world = { rows: [] as SigningKeyRow[], reads: 0, gate: Promise.resolve(), clock: new TestClock() };
  const repository = {
    listUsable: async () => {
      world.reads++;
      const rows = [...world.rows];
      await world.gate;
      return rows;
    },
    insertCurrent: UNUSED,
    retire: UNUSED,
    withdrawRetired: UNUSED,
    deleteUseless: UNUSED,
  };
  const notifier = {
    accountsChanged: () => undefined,
    membersChanged: () => undefined,
    signingKeysChanged: () => undefined,
  };
  const options = { overlapSeconds: 60, rotateAfterSeconds: 60, refreshMs: 60_000, unknownKeyIntervalMs: 1_000 };
  return { world, keys: new SigningKeys(repository, { run: UNUSED }, SEALER, notifier, world.clock, options) };
}

async function aRow(): Promise<SigningKeyRow> {
  return { ...(await makeSigningKey(SEALER)), createdAt: new Date(), verifyUntil: null };
}

describe('SigningKeys in memory', () => {
  it('never keep after a notice what was read before it', async () => {
    const { world, keys } = setUp();
    const [leaked, next] = [await aRow(), await aRow()];
    world.rows = [leaked];
    let open = (): void => undefined;
    world.gate = new Promise((resolve) => (open = resolve));
    const before = keys.find(leaked.kid);
    world.rows = [next];
    keys.forget();
    open();
    await before;
    expect(await keys.find(leaked.kid)).toBeNull();
    expect(await keys.find(next.kid)).not.toBeNull();
  });

  it('are read once for all who ask at once, and once a minute', async () => {
    const { world, keys } = setUp();
    const row = await aRow();
    world.rows = [row];
    await Promise.all(Array.from({ length: 20 }, () => keys.find(row.kid)));
    expect(world.reads).toBe(1);
    world.clock.advance(59_999);
    await keys.find(row.kid);
    expect(world.reads).toBe(1);
    world.clock.advance(1);
    await Promise.all(Array.from({ length: 20 }, () => keys.find(row.kid)));
    expect(world.reads).toBe(2);
  });

  it('are looked for at most once a second when a token names one that nobody knows', async () => {
    const { world, keys } = setUp();
    const row = await aRow();
    world.rows = [row];
    await keys.find(row.kid);
    const nonsense = () => Promise.all(Array.from({ length: 20 }, (_, index) => keys.find(`kid${index}`)));
    await nonsense();
    await nonsense();
    expect(world.reads).toBe(2);
    world.clock.advance(1_000);
    await nonsense();
    expect(world.reads).toBe(3);
  });

  it('ask an absent database once a second, not once a request', async () => {
    const { world, keys } = setUp();
    const row = await aRow();
    world.rows = [row];
    await keys.find(row.kid);
    world.clock.advance(60_000);
    world.gate = Promise.reject(new Error('connection refused'));
    world.gate.catch(() => undefined);
    for (let index = 0; index < 5; index++) expect(await keys.find(row.kid)).not.toBeNull();
    expect(world.reads).toBe(2);
    world.clock.advance(1_000);
    world.gate = Promise.resolve();
    await keys.find(row.kid);
    expect(world.reads).toBe(3);
  });
});
