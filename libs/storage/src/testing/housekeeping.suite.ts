import { expect, it } from '@jest/globals';
import { newObjectKey, owningObjectKey } from '../object-key.js';
import { anObject, append, bytesOf, finish, keysBelow, listed, type StoreUnderTest } from './store-under-test.js';

export function itKeepsHouse(underTest: () => StoreUnderTest): void {
  it('deletes, once or twice', async () => {
    const { store } = underTest();
    const key = await anObject(store, bytesOf(10));
    await store.delete(key);
    expect(await store.stat(key)).toBeNull();
    await store.delete(key);
    await store.delete(newObjectKey());
  });

  it('lists by the page, in order, from where one left off', async () => {
    const { store } = underTest();
    const startedAt = Date.now();
    const keys = Array.from({ length: 1_103 }, (_, index) => `list/${String(index % 7)}/k${String(index)}`).sort();
    for (let start = 0; start < keys.length; start += 32) {
      await Promise.all(keys.slice(start, start + 32).map((key) => anObject(store, bytesOf(3), key)));
    }
    const all = await listed(store, 'list/');
    expect(all.map((object) => object.key)).toEqual(keys);
    expect(all.every((object) => object.sizeBytes === 3)).toBe(true);
    // The clock of a filesystem may lag behind ours by a tick, that of S3 counts in seconds.
    expect(all.every((object) => object.modifiedAt.getTime() > startedAt - 2_000)).toBe(true);
    expect(await keysBelow(store, 'list/3/')).toEqual(keys.filter((key) => key.startsWith('list/3/')));
    expect(await keysBelow(store, 'list/3/k10')).toEqual(keys.filter((key) => key.startsWith('list/3/k10')));
    const after = keys[700] ?? '';
    expect(await keysBelow(store, 'list/', after)).toEqual(keys.slice(701));
    expect(await keysBelow(store, 'nothing/')).toEqual([]);
  });

  it('lists what is unfinished under the key that its row knows', async () => {
    const { store, unitBytes } = underTest();
    const key = newObjectKey();
    const state = await append(store, key, null, bytesOf(5));
    expect((await keysBelow(store, key)).map(owningObjectKey)).toEqual([key]);
    const more = await append(store, key, state, bytesOf(unitBytes));
    await finish(store, key, more);
    expect(await keysBelow(store, key)).toEqual([key]);
  });

  it('can be probed by any number at once, and leaves one object however often it is', async () => {
    const { store } = underTest();
    for (let round = 0; round < 3; round++) await Promise.all(Array.from({ length: 8 }, () => store.probe()));
    expect(await keysBelow(store, 'probe/')).toHaveLength(1);
  });

  it('refuses keys that it cannot have made', async () => {
    const { store } = underTest();
    for (const key of ['', '../x', 'blobs/../../x', '/etc/passwd', 'blobs//x', 'blobs/x/', 'Blobs/x', 'a\0b']) {
      await expect(async () => store.stat(key)).rejects.toThrow('not an object key');
      await expect(async () => store.delete(key)).rejects.toThrow('not an object key');
    }
  });

  it('refuses to resume what another driver has written', async () => {
    const { store } = underTest();
    const foreign = { driver: 'tape' };
    await expect(async () => store.openWriter(newObjectKey(), foreign, { hash: 'sha256' })).rejects.toThrow(TypeError);
  });
}
