import { describe, expect, it, jest } from '@jest/globals';
import { PassThrough, Readable } from 'node:stream';
import { consume } from './consume.js';
import { releaseMemory } from './release-memory.js';

const accepted = (): undefined => undefined;

describe('consume', () => {
  it('reads to the end, from a stream and from an iterable', async () => {
    for (const source of [Readable.from([Buffer.from('ab'), Buffer.from('c')]), chunks('ab', 'c')]) {
      const seen: string[] = [];
      const outcome = await consume(source, (chunk) => void seen.push(Buffer.from(chunk).toString()), {});
      expect({ outcome, seen }).toEqual({ outcome: { ending: 'complete' }, seen: ['ab', 'c'] });
    }
  });

  it('takes one chunk at a time while it is asked to wait', async () => {
    let running = 0;
    let most = 0;
    const accept = async (): Promise<void> => {
      most = Math.max(most, (running += 1));
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
    };
    expect(await consume(chunks(...'abcdefgh'), accept, {})).toEqual({ ending: 'complete' });
    expect(most).toBe(1);
  });

  it('ends with what is too much, and does not hand that over', async () => {
    const seen: string[] = [];
    const outcome = await consume(chunks('abc', 'd', 'e'), (chunk) => void seen.push(Buffer.from(chunk).toString()), {
      maxBytes: 4,
    });
    expect({ outcome, seen }).toEqual({ outcome: { ending: 'too-large' }, seen: ['abc', 'd'] });
  });

  it('rejects with what accepting threw, and lets later errors of the source pass', async () => {
    const source = new PassThrough();
    source.write('x');
    await expect(consume(source, () => Promise.reject(new Error('disk full')), {})).rejects.toThrow('disk full');
    source.destroy(new Error('connection reset'));
    await new Promise((resolve) => source.once('close', resolve));
  });

  it.each([
    ['fails', (source: PassThrough): unknown => source.destroy(new Error('reset')), 'reset'],
    ['vanishes', (source: PassThrough): unknown => source.destroy(), undefined],
  ])('says so when the source %s', async (_, breakOff, message) => {
    const source = new PassThrough();
    source.write('x');
    const outcome = consume(source, accepted, {});
    source.once('data', () => breakOff(source));
    expect(await outcome).toMatchObject({ ending: 'disconnected', ...(message && { cause: { message } }) });
    expect(await consume(source, accepted, {})).toMatchObject({ ending: 'disconnected' });
  });

  it('waits for the chunk in hand before it says that the source is gone', async () => {
    const source = new PassThrough();
    const room = Promise.withResolvers<void>();
    let isSettled = false;
    const outcome = consume(source, () => room.promise, {}).finally(() => (isSettled = true));
    const paused = new Promise((resolve) => source.once('pause', resolve));
    source.write('x');
    await paused;
    source.destroy();
    await new Promise((resolve) => source.once('close', resolve));
    expect(isSettled).toBe(false);
    room.resolve();
    expect(await outcome).toEqual({ ending: 'disconnected', cause: undefined });
  });

  it('blames silence on the source only while we do not keep it waiting', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
    try {
      const source = new PassThrough();
      const room = Promise.withResolvers<void>();
      let ending: string | null = null;
      const outcome = consume(source, () => room.promise, { idleTimeoutMs: 20 });
      void outcome.then((consumed) => (ending = consumed.ending));
      const paused = new Promise((resolve) => source.once('pause', resolve));
      source.write('x');
      await paused;
      await jest.advanceTimersByTimeAsync(1000);
      expect(ending).toBeNull();
      room.resolve();
      await jest.advanceTimersByTimeAsync(19);
      expect(ending).toBeNull();
      await jest.advanceTimersByTimeAsync(1);
      expect(await outcome).toEqual({ ending: 'idle' });
    } finally {
      jest.useRealTimers();
    }
  });

  it('stops at a signal, even one given before', async () => {
    const aborted = AbortSignal.abort(new Error('shutting down'));
    expect(await consume(new PassThrough(), accepted, { signal: aborted })).toMatchObject({
      ending: 'cancelled',
      cause: { message: 'shutting down' },
    });
  });

  it('frees the memory of chunks that are given away, and no other', async () => {
    const mine = Buffer.allocUnsafeSlow(1000);
    const given = Object.assign(Readable.from([mine], { objectMode: false }), { givesChunksAway: true as const });
    await consume(given, accepted, {});
    expect(mine.length).toBe(0);

    const kept = Buffer.allocUnsafeSlow(1000);
    await consume(Readable.from([kept]), accepted, {});
    expect(kept.length).toBe(1000);

    const view = kept.subarray(0, 10);
    releaseMemory(view);
    expect(kept.length).toBe(1000);
  });
});

async function* chunks(...texts: string[]): AsyncGenerator<Buffer> {
  for (const text of texts) yield Buffer.from(text);
}
