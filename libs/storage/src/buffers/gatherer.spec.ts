import { describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { BufferPool } from './buffer-pool.js';
import { Gatherer, type GathererOptions } from './gatherer.js';

/** Small numbers for small tests: 64 KiB is the smallest buffer, so a unit of 256 KiB grows once. */
const UNIT = 256 * 1024;

describe('Gatherer', () => {
  it('hands over every byte in order, in units, however the chunks fall', async () => {
    const chunks = fc.array(fc.nat(2 * UNIT), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(
        chunks,
        fc.boolean(),
        fc.integer({ min: 1, max: 3 }),
        async (sizes, isDividable, maxInFlight) => {
          const { gatherer, handed, pool } = gathering({ isDividable, maxInFlight });
          let next = 0;
          for (const sizeBytes of sizes) {
            await gatherer.accept(Uint8Array.from({ length: sizeBytes }, () => next++ % 251));
          }
          const rest = gatherer.takeRest();
          await gatherer.settle();
          const all = Buffer.concat([...handed, rest ? rest.memory.subarray(0, rest.lengthBytes) : Buffer.alloc(0)]);
          if (rest) pool.give(rest.memory);
          expect(all.equals(Buffer.from(Uint8Array.from({ length: next }, (_, index) => index % 251)))).toBe(true);
          expect(handed.every((unit) => unit.length === UNIT)).toBe(true);
          expect(pool.usedBytes).toBe(0);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('keeps what fits one unit, and hands over only when there is more', async () => {
    const { gatherer, handed } = gathering();
    expect(gatherer.accept(new Uint8Array(UNIT))).toBeUndefined();
    expect(handed).toHaveLength(0);
    await gatherer.accept(new Uint8Array(1));
    expect(handed).toHaveLength(1);
    expect(gatherer.takeRest()?.lengthBytes).toBe(1);
  });

  it('makes the source wait when enough is in flight, and no longer than that', async () => {
    const first = Promise.withResolvers<void>();
    const { gatherer, handed } = gathering({ maxInFlight: 1, wait: () => first.promise });
    expect(gatherer.accept(new Uint8Array(2 * UNIT))).toBeUndefined();
    let hasRoom = false;
    const waiting = gatherer.accept(new Uint8Array(1))?.then(() => (hasRoom = true));
    await Promise.resolve();
    expect({ hasRoom, handed: handed.length }).toEqual({ hasRoom: false, handed: 1 });
    first.resolve();
    await waiting;
    expect({ hasRoom, handed: handed.length }).toEqual({ hasRoom: true, handed: 2 });
  });

  it('takes nothing more after a hand-over failed, and says why to whoever asks', async () => {
    const { gatherer, pool } = gathering({ wait: () => Promise.reject(new Error('disk full')) });
    await gatherer.accept(new Uint8Array(UNIT + 1));
    await expect(gatherer.settle()).rejects.toThrow('disk full');
    await expect(gatherer.accept(new Uint8Array(1))).rejects.toThrow('disk full');
    const rest = gatherer.takeRest();
    if (rest) pool.give(rest.memory);
    expect(pool.usedBytes).toBe(0);
  });

  it('holds little for a slow client, and much for a fast one', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
    try {
      const { gatherer, handed, pool } = gathering();
      await gatherer.accept(new Uint8Array(UNIT + 1));
      expect(pool.usedBytes).toBe(2 * UNIT);
      jest.advanceTimersByTime(5_000);
      await gatherer.accept(new Uint8Array(UNIT));
      await gatherer.settle();
      expect({ handed: handed.length, usedBytes: pool.usedBytes }).toEqual({ handed: 2, usedBytes: 65_536 });
      jest.advanceTimersByTime(5_000);
      await gatherer.accept(new Uint8Array(65_536));
      await gatherer.settle();
      expect({ last: handed.at(-1)?.length, usedBytes: pool.usedBytes }).toEqual({ last: 65_536, usedBytes: 65_536 });
    } finally {
      jest.useRealTimers();
    }
  });

  it('makes do with small buffers while the pool is crowded', async () => {
    const pool = new BufferPool({ crowdedBytes: 1 });
    pool.take(1024);
    const { gatherer, handed } = gathering({ pool });
    await gatherer.accept(new Uint8Array(UNIT));
    await gatherer.flush();
    expect(handed.map((bytes) => bytes.length)).toEqual([65_536, 65_536, 65_536, 65_536]);
  });

  it('holds one whole unit while the pool is crowded, where units are not divided', async () => {
    const back = Promise.withResolvers<void>();
    const pool = new BufferPool({ crowdedBytes: UNIT - 1 });
    const { gatherer, handed } = gathering({ pool, isDividable: false, wait: () => back.promise });
    await gatherer.accept(new Uint8Array(UNIT));
    const more = gatherer.accept(new Uint8Array(UNIT));
    expect({ isWaiting: more !== undefined, handed: handed.length, usedBytes: pool.usedBytes }).toEqual({
      isWaiting: true,
      handed: 1,
      usedBytes: UNIT,
    });
    back.resolve();
    await more;
    await gatherer.flush();
    expect({ handed: handed.map((bytes) => bytes.length), usedBytes: pool.usedBytes }).toEqual({
      handed: [UNIT, UNIT],
      usedBytes: 0,
    });
  });
});

function gathering({
  wait = (): Promise<void> => new Promise((resolve) => setImmediate(resolve)),
  ...options
}: Partial<GathererOptions> & { readonly wait?: () => Promise<void> } = {}): {
  gatherer: Gatherer;
  handed: Buffer[];
  pool: BufferPool;
} {
  const handed: Buffer[] = [];
  const pool = options.pool ?? new BufferPool();
  const gatherer = new Gatherer({
    pool,
    unitBytes: UNIT,
    maxInFlight: 2,
    isDividable: true,
    handOver: async (memory, lengthBytes) => {
      handed.push(Buffer.from(memory.subarray(0, lengthBytes)));
      await wait();
      return memory;
    },
    ...options,
  });
  return { gatherer, handed, pool };
}
