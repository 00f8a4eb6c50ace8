import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BlobStore } from '../blob-store.js';
import { createBlobStore } from '../create-blob-store.js';
import { newObjectKey } from '../object-key.js';
import { StorageFullError } from '../storage.errors.js';
import {
  anObject,
  append,
  bytesOf,
  chunksOf,
  contentOf,
  finish,
  firstDifference,
  recorded,
  sha256,
} from '../testing/store-under-test.js';

const MIB = 2 ** 20;

/** A volume of 8 MiB takes root to mount. */
const canMount = process.getuid?.() === 0 && isMountable();
const describeWithMount = canMount ? describe : describe.skip;

describeWithMount(`FilesystemBlobStore on a full volume${canMount ? '' : ' (needs root)'}`, () => {
  let volume: string;
  let store: BlobStore;

  beforeAll(async () => {
    volume = await mkdtemp(join(tmpdir(), 'breakwater-volume-'));
    mount(volume);
    store = createBlobStore({ driver: 'filesystem', root: join(volume, 'data') });
  });
  afterAll(async () => {
    await store.close();
    execFileSync('umount', [volume]);
    await rm(volume, { recursive: true });
  });

  it('says so, keeps what fitted, and goes on when there is room again', async () => {
    const ballast = await anObject(store, bytesOf(4 * MIB));
    const bytes = bytesOf(6 * MIB);
    const key = newObjectKey();
    const writer = await store.openWriter(key, null, { hash: 'sha256' });
    await expect(writer.append(chunksOf(bytes))).rejects.toBeInstanceOf(StorageFullError);
    await writer.close();
    expect(writer.sizeBytes).toBeGreaterThan(2 * MIB);
    expect(writer.sizeBytes).toBeLessThanOrEqual(4 * MIB);

    await store.delete(ballast);
    const state = await append(store, key, recorded(writer.state()), bytes.subarray(writer.sizeBytes));
    expect(await finish(store, key, state)).toBe(sha256(bytes));
    expect(firstDifference(await contentOf(store, key), bytes)).toBeNull();
    await store.delete(key);
  });

  it('says so for a last append and for many at once', async () => {
    const attempts = Array.from({ length: 4 }, () => anObject(store, bytesOf(3 * MIB)));
    const outcomes = await Promise.allSettled(attempts);
    const failures = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as unknown] : []));
    expect(failures.length).toBeGreaterThan(0);
    for (const failure of failures) expect(failure).toBeInstanceOf(StorageFullError);
  });
});

function mount(folder: string): void {
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', folder], { stdio: 'ignore' });
}

/** Root in a container may not be root enough. */
function isMountable(): boolean {
  try {
    execFileSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
