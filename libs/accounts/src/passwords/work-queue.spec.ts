import { describe, expect, it } from '@jest/globals';
import { WorkQueue } from './work-queue.js';

class RefusedError extends Error {}

/** Work that ends when the test says so. */
function setUp(concurrency: number, maxWaiting: number) {
  const queue = new WorkQueue({ concurrency, maxWaiting, refusal: () => new RefusedError() });
  const started: number[] = [];
  const enders: ((failure?: Error) => void)[] = [];
  const results: Promise<number>[] = [];
  const add = (): number => {
    const index = results.length;
    results.push(
      queue.run(() => {
        started.push(index);
        return new Promise<number>((resolve, reject) => {
          enders[index] = (failure) => (failure ? reject(failure) : resolve(index));
        });
      }),
    );
    return index;
  };
  return { started, add, results, end: (index: number, failure?: Error) => enders[index]?.(failure) };
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('WorkQueue', () => {
  it('runs no more at once than it may, in the order of arrival', async () => {
    const { started, add, end, results } = setUp(2, 10);
    for (let index = 0; index < 4; index++) add();
    await settle();
    expect(started).toEqual([0, 1]);
    end(1);
    await settle();
    expect(started).toEqual([0, 1, 2]);
    for (const index of [0, 2]) end(index);
    await settle();
    end(3);
    expect(await Promise.all(results)).toEqual([0, 1, 2, 3]);
  });

  it('refuses whoever would wait too long, and takes the next one again', async () => {
    const { add, end, results, started } = setUp(1, 1);
    for (let index = 0; index < 3; index++) add();
    await expect(results[2]).rejects.toThrow(RefusedError);
    end(0);
    await settle();
    end(1);
    await Promise.all(results.slice(0, 2));
    add();
    await settle();
    expect(started).toEqual([0, 1, 3]);
    end(3);
  });

  it('goes on after work that fails', async () => {
    const { add, end, results } = setUp(1, 1);
    add();
    add();
    await settle();
    end(0, new Error('out of memory'));
    await expect(results[0]).rejects.toThrow('out of memory');
    await settle();
    end(1);
    expect(await results[1]).toBe(1);
  });
});
