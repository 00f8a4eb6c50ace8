import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { BlobStore, WriteState } from '../blob-store.js';
import { newObjectKey } from '../object-key.js';
import {
  anObject,
  append,
  bytesOf,
  chunksOf,
  contentOf,
  finish,
  firstDifference,
  keysBelow,
  recorded,
  sha256,
  type StoreUnderTest,
} from './store-under-test.js';

export function itResumes(underTest: () => StoreUnderTest): void {
  it('goes on in another replica, which finds the digest by reading', async () => {
    const { store, replica, unitBytes } = underTest();
    const bytes = bytesOf(2 * unitBytes + 5000);
    const key = newObjectKey();
    const half = unitBytes + 1234;
    const state = await append(store, key, null, bytes.subarray(0, half));
    const more = await append(replica, key, state, bytes.subarray(half));
    expect(await finish(replica, key, more)).toBe(sha256(bytes));
    expect(firstDifference(await contentOf(store, key), bytes)).toBeNull();
    expect(await keysBelow(store, key)).toEqual([key]);
  });

  it('drops the bytes of a crash, and never mistakes a hash of them for its own', async () => {
    const { store, unitBytes } = underTest();
    const key = newObjectKey();
    const state = await append(store, key, null, bytesOf(unitBytes + 10));
    // Appended, durable, hashed; but the process died before its row said so. Then the client sends something else.
    await append(store, key, state, bytesOf(unitBytes, 500));
    const bytes = Buffer.concat([bytesOf(unitBytes + 10), bytesOf(unitBytes, 9000)]);
    const again = await append(store, key, state, bytes.subarray(unitBytes + 10));
    expect(await finish(store, key, again)).toBe(sha256(bytes));
    expect(firstDifference(await contentOf(store, key), bytes)).toBeNull();
  });

  it('says in the middle of an append what is durable by then, from which another writer goes on', async () => {
    const { store, unitBytes } = underTest();
    const bytes = bytesOf(8 * Math.max(unitBytes, 8 * 2 ** 20) + 77);
    const key = newObjectKey();
    const writer = await store.openWriter(key, null, { hash: 'sha256' });
    const { promise: asked, resolve: goOn } = Promise.withResolvers<void>();
    const source = async function* (): AsyncGenerator<Buffer> {
      yield* chunksOf(bytes.subarray(0, -77));
      await asked;
      throw new Error('connection reset');
    };
    const failing = writer.append(source());
    while (writer.durableSizeBytes < bytes.length / 4) await new Promise((resolve) => setImmediate(resolve));
    const [state, durable] = [recorded(writer.state()), writer.durableSizeBytes];
    const newKey = newObjectKey();
    const forked = await store.fork(key, state, newKey);
    goOn();
    await expect(failing).rejects.toThrow();
    await writer.close();
    const whole = await append(store, newKey, forked, bytes.subarray(durable));
    expect(await finish(store, newKey, whole)).toBe(sha256(bytes));
    expect(firstDifference(await contentOf(store, newKey), bytes)).toBeNull();
    await store.discard(key, recorded(writer.state()));
  });

  it('says how far its state goes, also while the last bytes wait for completion', async () => {
    const { store, unitBytes } = underTest();
    for (const sizeBytes of [10, unitBytes + 10]) {
      for (const isLast of [false, true]) {
        const writer = await store.openWriter(newObjectKey(), null, { hash: 'sha256' });
        await writer.append(chunksOf(bytesOf(sizeBytes)), { isLast });
        if (!isLast) expect(writer.durableSizeBytes).toBe(sizeBytes);
        const state = recorded(writer.state());
        const { durableSizeBytes } = writer;
        await writer.close();
        const resumed = await store.openWriter(writer.key, state, { hash: 'sha256' });
        expect(resumed.sizeBytes).toBe(durableSizeBytes);
        await resumed.close();
        await store.discard(writer.key, state);
      }
    }
  });

  it('completes once more when the answer to the first time was lost', async () => {
    const { store, replica, unitBytes } = underTest();
    for (const sizeBytes of [0, 100, 2 * unitBytes + 9]) {
      const bytes = bytesOf(sizeBytes);
      const key = newObjectKey();
      const state = await append(store, key, null, bytes);
      await finish(store, key, state);
      expect(await finish(replica, key, state)).toBe(sha256(bytes));
      expect(firstDifference(await contentOf(store, key), bytes)).toBeNull();
    }
  });

  it('takes more after it was completed: the transaction behind it may have failed', async () => {
    const { store, unitBytes } = underTest();
    for (const sizeBytes of [10, unitBytes + 10]) {
      const bytes = bytesOf(sizeBytes + unitBytes);
      const writer = await store.openWriter(newObjectKey(), null, { hash: 'sha256' });
      await writer.append(chunksOf(bytes.subarray(0, sizeBytes)));
      await writer.complete();
      await writer.close();
      const state = await append(store, writer.key, recorded(writer.state()), bytes.subarray(sizeBytes));
      expect(await finish(store, writer.key, state)).toBe(sha256(bytes));
      expect(firstDifference(await contentOf(store, writer.key), bytes)).toBeNull();
    }
  });

  it('forks away from a writer that is believed dead and is not', async () => {
    const { store, replica, unitBytes } = underTest();
    for (const sizeBytes of [20, unitBytes, 2 * unitBytes + 20]) {
      const bytes = bytesOf(sizeBytes + unitBytes);
      const old = newObjectKey();
      const state = await append(store, old, null, bytes.subarray(0, sizeBytes));
      const zombie = await store.openWriter(old, state, { hash: 'sha256' });

      const key = newObjectKey();
      const forked = await replica.fork(old, state, key);
      // However far the zombie comes: S3 refuses it, a disk takes it, and nobody reads it.
      await zombie.append(chunksOf(bytesOf(unitBytes, 77))).catch(() => undefined);
      await zombie.close();
      await replica.discard(old, state);

      const more = await append(replica, key, forked, bytes.subarray(sizeBytes));
      expect(await finish(replica, key, more)).toBe(sha256(bytes));
      expect(firstDifference(await contentOf(store, key), bytes)).toBeNull();
      expect(await keysBelow(store, old)).toEqual([]);
    }
  });

  it('forks again when the first time was cut short, and when the writer had just completed', async () => {
    const { store, replica, unitBytes } = underTest();
    const bytes = bytesOf(unitBytes + 300);
    const old = newObjectKey();
    const state = await append(store, old, null, bytes);
    await replica.fork(old, state, newObjectKey());
    await finish(store, old, state).catch(() => undefined);
    const key = newObjectKey();
    expect(await finish(replica, key, await replica.fork(old, state, key))).toBe(sha256(bytes));
    expect(firstDifference(await contentOf(store, key), bytes)).toBeNull();
  });

  it('has nothing to fork before the first byte', async () => {
    const { store } = underTest();
    const key = newObjectKey();
    expect(await store.fork(key, null, newObjectKey())).toBeNull();
    expect(await store.fork(key, await append(store, key, null, bytesOf(0)), newObjectKey())).toBeNull();
  });

  it('discards all that an unfinished write has left, recorded or not', async () => {
    const { store, replica, unitBytes } = underTest();
    for (const sizeBytes of [0, 5, unitBytes + 5]) {
      const key = newObjectKey();
      const state = await append(store, key, null, bytesOf(sizeBytes));
      await append(store, key, state, bytesOf(unitBytes));
      await replica.discard(key, sizeBytes === 5 ? null : state);
      await replica.discard(key, state);
      expect(await keysBelow(store, key)).toEqual([]);
      expect(await store.stat(key)).toBeNull();
    }
  });

  it('ends with exactly the bytes that were recorded, whatever crashes in between', async () => {
    const { store, replica, unitBytes } = underTest();
    const size = fc.oneof(
      fc.nat(3),
      fc.nat(100_000),
      fc.integer({ min: unitBytes - 2, max: unitBytes + 2 }),
      fc.nat(Math.floor(1.5 * unitBytes)),
    );
    const step = fc.record({
      sizeBytes: size,
      /** What a crash left behind the recorded bytes before this step. */
      lostBytes: fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, size),
      isOnReplica: fc.boolean(),
    });
    const steps = fc.array(step, { maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(steps, fc.boolean(), async (history, isFinishedOnReplica) => {
        const place = (isOnReplica: boolean): BlobStore => (isOnReplica ? replica : store);
        const key = newObjectKey();
        let state: WriteState | null = null;
        let total = 0;
        for (const { sizeBytes, lostBytes, isOnReplica } of history) {
          if (lostBytes > 0) await append(store, key, state, bytesOf(lostBytes, 31));
          state = await append(place(isOnReplica), key, state, bytesOf(sizeBytes, total));
          total += sizeBytes;
        }
        const bytes = bytesOf(total);
        const digest = await finish(place(isFinishedOnReplica), key, state);
        const difference = firstDifference(await contentOf(store, key), bytes);
        await store.discard(key, state);
        return digest === sha256(bytes) && difference === null;
      }),
      { numRuns: 25 },
    );
  }, 3_600_000);

  it('leaves nothing beside a finished object', async () => {
    const { store, unitBytes } = underTest();
    const key = await anObject(store, bytesOf(unitBytes + 1));
    expect(await keysBelow(store, key)).toEqual([key]);
  });
}
