import { describe, expect, it } from '@jest/globals';
import { CachedLookup } from './cached-lookup.js';

/** A table of one value per key, and a look-up that counts how often it is asked. */
function setUp({ ttlMs = 1000, maxEntries = 10 } = {}) {
  const table = new Map<string, string>();
  const asked: string[] = [];
  const world = {
    table,
    asked,
    nowMs: 0,
    /** Set it to hold queries back after they have read the table. */
    gate: Promise.resolve(),
    failure: null as Error | null,
  };
  const lookup = new CachedLookup<string, string | undefined>({
    ttlMs,
    maxEntries,
    maxBatch: 10,
    concurrency: 2,
    nowMs: () => world.nowMs,
    find: async (keys) => {
      asked.push(...keys);
      const values = keys.map((key) => table.get(key));
      await world.gate;
      if (world.failure) throw world.failure;
      return values;
    },
  });
  return { world, lookup };
}

/** Queries are sent after the I/O of a tick. */
const untilSent = (): Promise<void> => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

describe('CachedLookup', () => {
  it('asks once within the lifetime of an answer, and again after it', async () => {
    const { world, lookup } = setUp();
    world.table.set('a', '1');
    expect(await lookup.get('a')).toBe('1');
    world.table.set('a', '2');
    world.nowMs = 999;
    expect(await lookup.get('a')).toBe('1');
    world.nowMs = 1000;
    expect(await lookup.get('a')).toBe('2');
    expect(world.asked).toEqual(['a', 'a']);
  });

  it('counts the age of an answer from before its query', async () => {
    const { world, lookup } = setUp();
    let open = (): void => undefined;
    world.gate = new Promise((resolve) => (open = resolve));
    const first = lookup.get('a');
    await untilSent();
    world.nowMs = 1000;
    open();
    await first;
    await lookup.get('a');
    expect(world.asked).toEqual(['a', 'a']);
  });

  it('never serves after `forget` an answer that was read before it', async () => {
    const { world, lookup } = setUp();
    world.table.set('a', 'old');
    let open = (): void => undefined;
    world.gate = new Promise((resolve) => (open = resolve));
    const before = lookup.get('a');
    await untilSent();
    world.table.set('a', 'new');
    lookup.forget('a');
    const after = lookup.get('a');
    open();
    expect(await before).toBe('old');
    expect(await after).toBe('new');
    expect(await lookup.get('a')).toBe('new');
  });

  it('forgets by rule and all at once', async () => {
    const { world, lookup } = setUp();
    await Promise.all(['1/a', '1/b', '2/a'].map((key) => lookup.get(key)));
    lookup.forgetWhere((key) => key.startsWith('1/'));
    world.asked.length = 0;
    await Promise.all(['1/a', '1/b', '2/a'].map((key) => lookup.get(key)));
    expect(world.asked).toEqual(['1/a', '1/b']);
    lookup.forgetAll();
    await lookup.get('2/a');
    expect(world.asked).toEqual(['1/a', '1/b', '2/a']);
  });

  it('does not remember a failure', async () => {
    const { world, lookup } = setUp();
    world.failure = new Error('connection reset');
    await expect(lookup.get('a')).rejects.toThrow('connection reset');
    world.failure = null;
    world.table.set('a', '1');
    expect(await lookup.get('a')).toBe('1');
  });

  it('drops the oldest answers when it is full', async () => {
    const { world, lookup } = setUp({ maxEntries: 2 });
    for (const key of ['a', 'b', 'c']) await lookup.get(key);
    world.asked.length = 0;
    for (const key of ['c', 'b', 'a']) await lookup.get(key);
    expect(world.asked).toEqual(['a']);
  });
});
