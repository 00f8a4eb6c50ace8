import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { readdir, readlink, rm, truncate, writeFile, mkdtemp } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BlobStore } from '../blob-store.js';
import { createBlobStore } from '../create-blob-store.js';
import { newObjectKey } from '../object-key.js';
import { ClientAbortedError, ObjectTruncatedError, StorageUnavailableError } from '../storage.errors.js';
import { request, serve } from '../testing/http.js';
import {
  anObject,
  append,
  bytesOf,
  contentOf,
  finish,
  firstDifference,
  recorded,
  sha256,
} from '../testing/store-under-test.js';

const MIB = 2 ** 20;

describe('FilesystemBlobStore when things go wrong', () => {
  let base: string;
  let root: string;
  let store: BlobStore;

  beforeEach(async () => {
    base = await mkdtemp(join(tmpdir(), 'breakwater-storage-'));
    root = join(base, 'data');
    store = createBlobStore({ driver: 'filesystem', root });
  });
  afterEach(async () => {
    await store.close();
    await rm(base, { recursive: true });
  });

  it('keeps what a client uploaded before its connection broke, and no open file', async () => {
    const bytes = bytesOf(5 * MIB);
    const key = newObjectKey();
    const writer = await store.openWriter(key, null, { hash: 'sha256' });
    const outcome = Promise.withResolvers<unknown>();
    await using server = await serve((incoming) => {
      writer.append(incoming).then(outcome.resolve, outcome.resolve);
    });
    const upload = httpRequest({ port: server.port, host: '127.0.0.1', method: 'PATCH', agent: false });
    upload.on('error', () => undefined);
    upload.setHeader('content-length', bytes.length);
    upload.write(bytes.subarray(0, 3 * MIB), () => upload.destroy());

    const failure = await outcome.promise;
    await writer.close();
    expect(failure).toBeInstanceOf(ClientAbortedError);
    expect(await openFiles(base)).toEqual([]);
    const { durableSizeBytes } = failure as ClientAbortedError;
    expect(durableSizeBytes).toBe(writer.sizeBytes);
    const state = await append(store, key, recorded(writer.state()), bytes.subarray(writer.sizeBytes));
    expect(await finish(store, key, state)).toBe(sha256(bytes));
    expect(firstDifference(await contentOf(store, key), bytes)).toBeNull();
  });

  it('closes its file when a download is broken off', async () => {
    const key = await anObject(store, bytesOf(32 * MIB));
    const outcome = Promise.withResolvers<unknown>();
    await using server = await serve((_, response) => {
      store
        .read(key)
        .then((reader) => reader.pipeTo(response))
        .then(outcome.resolve, outcome.resolve);
    });
    const download = await request(server.port);
    await once(download, 'data');
    expect(await openFiles(base)).toHaveLength(1);
    download.destroy();
    expect(await outcome.promise).toBeInstanceOf(ClientAbortedError);
    expect(await openFiles(base)).toEqual([]);
  });

  it('breaks the connection rather than send less than it promised', async () => {
    for (const sizeBytes of [1000, 8 * MIB]) {
      const key = await anObject(store, bytesOf(sizeBytes));
      const outcome = Promise.withResolvers<unknown>();
      await using server = await serve((_, response) => {
        const sendTruncated = async (): Promise<void> => {
          const reader = await store.read(key);
          await truncate(join(root, key), sizeBytes - 1);
          response.writeHead(200, { 'content-length': sizeBytes });
          await reader.pipeTo(response);
        };
        sendTruncated().then(outcome.resolve, outcome.resolve);
      });
      const received = request(server.port).then(async (answer) => {
        for await (const _ of answer) continue;
      });
      await expect(received).rejects.toMatchObject({ code: 'ECONNRESET' });
      expect(await outcome.promise).toBeInstanceOf(ObjectTruncatedError);
      expect(await openFiles(base)).toEqual([]);
    }
  });

  it('refuses to resume a file that has lost bytes', async () => {
    const key = newObjectKey();
    const state = await append(store, key, null, bytesOf(1000));
    await truncate(join(root, key), 999);
    await expect(store.openWriter(key, state, { hash: 'sha256' })).rejects.toBeInstanceOf(ObjectTruncatedError);
    await expect(store.fork(key, state, newObjectKey())).rejects.toBeInstanceOf(ObjectTruncatedError);
    await store.delete(key);
    await expect(store.openWriter(key, state, { hash: 'sha256' })).rejects.toMatchObject({ code: 'OBJECT_MISSING' });
    expect(await openFiles(base)).toEqual([]);
  });

  it('goes on after somebody emptied its folder', async () => {
    await anObject(store, bytesOf(10), 'blobs/00/first');
    await rm(root, { recursive: true });
    for (const name of ['blobs/00/second', 'blobs/11/third']) {
      const key = await anObject(store, bytesOf(10), name);
      expect(await contentOf(store, key)).toHaveLength(10);
      await rm(root, { recursive: true });
    }
  });

  it('says that it cannot be used where its folder is a file', async () => {
    await writeFile(root, '');
    await expect(store.probe()).rejects.toBeInstanceOf(StorageUnavailableError);
    await expect(anObject(store, bytesOf(1))).rejects.toBeInstanceOf(StorageUnavailableError);
  });

  it('knows the room on its volume, and has no addresses to give away', async () => {
    await store.probe();
    const { totalBytes = 0, freeBytes = -1 } = (await store.capacity()) ?? {};
    expect(totalBytes).toBeGreaterThan(freeBytes);
    expect(freeBytes).toBeGreaterThanOrEqual(0);
    expect(store.describe()).toEqual({ driver: 'filesystem', location: root });
    expect(await store.presignedUrl(newObjectKey(), { expiresSeconds: 60, contentType: 'x/y' })).toBeNull();
  });
});

/** What this process has open below a folder. */
async function openFiles(folder: string): Promise<string[]> {
  const handles = await readdir('/proc/self/fd');
  const targets = handles.map((handle) => readlink(`/proc/self/fd/${handle}`).catch(() => ''));
  return (await Promise.all(targets)).filter((target) => target.startsWith(folder));
}
