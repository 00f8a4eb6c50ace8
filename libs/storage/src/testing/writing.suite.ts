import { Digest } from '@breakwater/oci';
import { expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { newObjectKey } from '../object-key.js';
import { ClientAbortedError, UploadTooLargeError } from '../storage.errors.js';
import {
  anObject,
  append,
  brokenAfter,
  bytesOf,
  chunksOf,
  contentOf,
  finish,
  firstDifference,
  recorded,
  sha256,
  type StoreUnderTest,
} from './store-under-test.js';

export function itWrites(underTest: () => StoreUnderTest): void {
  const around = (unitBytes: number): number[] => [0, 1, unitBytes - 1, unitBytes, unitBytes + 1, 2 * unitBytes + 17];

  it('stores an object of any size in one append, and knows its digest', async () => {
    const { store, unitBytes } = underTest();
    for (const sizeBytes of around(unitBytes)) {
      const bytes = bytesOf(sizeBytes, sizeBytes);
      const writer = await store.openWriter(newObjectKey(), null, { hash: 'sha256', expectedSizeBytes: sizeBytes });
      expect(await writer.append(chunksOf(bytes), { isLast: true })).toEqual({ appendedBytes: sizeBytes });
      expect(writer.sizeBytes).toBe(sizeBytes);
      expect(await writer.digest('sha256')).toBe(sha256(bytes));
      await writer.complete();
      await writer.close();
      expect(await store.stat(writer.key)).toEqual({ sizeBytes });
      expect(firstDifference(await contentOf(store, writer.key), bytes)).toBeNull();
    }
  });

  it('stores an object out of many appends, each by a writer of its own', async () => {
    const { store, unitBytes } = underTest();
    const sizes = [3, 0, unitBytes - 3, 1, unitBytes, 65_537, 2 * unitBytes];
    const key = newObjectKey();
    let state = null;
    let total = 0;
    for (const sizeBytes of sizes) {
      state = await append(store, key, state, bytesOf(sizeBytes, total));
      total += sizeBytes;
    }
    const bytes = bytesOf(total);
    expect(await finish(store, key, state)).toBe(sha256(bytes));
    expect(firstDifference(await contentOf(store, key), bytes)).toBeNull();
  });

  it('computes a digest under another algorithm, and without having hashed, by reading', async () => {
    const { store, unitBytes } = underTest();
    const bytes = bytesOf(unitBytes + 70_000);
    const sha512 = Digest.of('sha512', createHash('sha512').update(bytes).digest('hex'));
    for (const hash of ['sha256', 'none'] as const) {
      const writer = await store.openWriter(newObjectKey(), null, { hash });
      await writer.append(chunksOf(bytes));
      expect(await writer.digest('sha512')).toBe(sha512);
      await writer.complete();
      await writer.close();
      expect(firstDifference(await contentOf(store, writer.key), bytes)).toBeNull();
    }
  });

  it('keeps apart what is written at the same time', async () => {
    const { store, unitBytes } = underTest();
    const objects = Array.from({ length: 8 }, (_, index) => bytesOf(unitBytes / 2 + index * 99_999, index));
    const keys = await Promise.all(objects.map((bytes) => anObject(store, bytes)));
    for (const [index, bytes] of objects.entries()) {
      expect(firstDifference(await contentOf(store, keys[index] ?? ''), bytes)).toBeNull();
    }
  });

  it('keeps what a client sent before it went away, says how much, and goes on from there', async () => {
    const { store, unitBytes } = underTest();
    const bytes = bytesOf(unitBytes + 200_000);
    const key = newObjectKey();
    const first = bytes.subarray(0, unitBytes + 100_000);
    const writer = await store.openWriter(key, null, { hash: 'sha256' });
    const failure: unknown = await writer.append(brokenAfter(first)).catch((error: unknown) => error);
    await writer.close();
    expect(failure).toBeInstanceOf(ClientAbortedError);
    expect(failure).toMatchObject({ reason: 'disconnected', durableSizeBytes: first.length });
    expect(writer.sizeBytes).toBe(first.length);

    const state = await append(store, key, recorded(writer.state()), bytes.subarray(first.length));
    expect(await finish(store, key, state)).toBe(sha256(bytes));
    expect(firstDifference(await contentOf(store, key), bytes)).toBeNull();
  });

  it('gives up on a client that is silent, and on the caller’s word', async () => {
    const { store } = underTest();
    const { promise: never, resolve: release } = Promise.withResolvers<Buffer>();
    const silent = async function* (): AsyncGenerator<Buffer> {
      yield bytesOf(10);
      yield await never;
    };
    const writer = await store.openWriter(newObjectKey(), null, { hash: 'sha256' });
    await expect(writer.append(silent(), { idleTimeoutMs: 20 })).rejects.toMatchObject({
      reason: 'idle',
      durableSizeBytes: 10,
    });
    const cancelled = { signal: AbortSignal.timeout(20) };
    await expect(writer.append(silent(), cancelled)).rejects.toMatchObject({ reason: 'cancelled' });
    await writer.close();
    release(bytesOf(1));
  });

  it('takes no byte more than it may', async () => {
    const { store } = underTest();
    const writer = await store.openWriter(newObjectKey(), null, { hash: 'sha256' });
    await expect(writer.append(chunksOf(bytesOf(200)), { maxBytes: 200 })).resolves.toEqual({
      appendedBytes: 200,
    });
    await expect(writer.append(chunksOf(bytesOf(1)), { maxBytes: 0 })).rejects.toBeInstanceOf(UploadTooLargeError);
    expect(writer.sizeBytes).toBe(200);
    expect(await writer.digest('sha256')).toBe(sha256(bytesOf(200)));
    await writer.close();
  });
}
