import { describe, expect, it } from '@jest/globals';
import { BatchedLookup } from './batched-lookup.js';

describe('BatchedLookup', () => {
  it('sends what is asked in one tick in one query, and answers each by its key', async () => {
    const queries: (readonly string[])[] = [];
    const lookup = new BatchedLookup<string, string>({
      find: async (keys) => {
        queries.push(keys);
        return keys.map((key) => key.toUpperCase());
      },
      maxBatch: 100,
      concurrency: 4,
    });
    expect(await Promise.all(['a', 'b', 'a'].map((key) => lookup.get(key)))).toEqual(['A', 'B', 'A']);
    expect(queries).toEqual([['a', 'b', 'a']]);
  });

  it('never answers a question with a query that was sent before it was asked', async () => {
    let stored = 'before';
    let release: () => void = () => undefined;
    const sent = new Promise<void>((resolve) => (release = resolve));
    const asked: string[] = [];
    const lookup = new BatchedLookup<string, string>({
      find: async (keys) => {
        const seen = stored; // what the database shows when the query starts
        asked.push(seen);
        if (asked.length === 1) await sent;
        return keys.map(() => seen);
      },
      maxBatch: 100,
      concurrency: 4,
    });
    const early = lookup.get('tag');
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    stored = 'after';
    const late = lookup.get('tag');
    expect(await late).toBe('after');
    release();
    expect(await early).toBe('before');
  });

  it('holds no more queries under way than allowed, and lets the next batch fill meanwhile', async () => {
    let running = 0;
    let most = 0;
    const sizes: number[] = [];
    const lookup = new BatchedLookup<number, number>({
      find: async (keys) => {
        most = Math.max(most, ++running);
        sizes.push(keys.length);
        await new Promise((resolve) => setImmediate(resolve));
        running--;
        return keys;
      },
      maxBatch: 10,
      concurrency: 2,
    });
    const keys = Array.from({ length: 95 }, (_, index) => index);
    expect(await Promise.all(keys.map((key) => lookup.get(key)))).toEqual(keys);
    expect(most).toBeLessThanOrEqual(2);
    expect(Math.max(...sizes)).toBe(10);
  });

  it('fails the whole batch with its query, and works again afterwards', async () => {
    let isBroken = true;
    const lookup = new BatchedLookup<string, string>({
      find: async (keys) => {
        if (isBroken) throw new Error('connection lost');
        return keys;
      },
      maxBatch: 10,
      concurrency: 1,
    });
    const outcomes = await Promise.allSettled([lookup.get('a'), lookup.get('b')]);
    expect(outcomes.map((outcome) => outcome.status)).toEqual(['rejected', 'rejected']);
    isBroken = false;
    expect(await lookup.get('c')).toBe('c');
  });
});
