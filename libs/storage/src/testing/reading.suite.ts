import type { ByteRange } from '@breakwater/oci';
import { expect, it } from '@jest/globals';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import type { BlobStore } from '../blob-store.js';
import { newObjectKey } from '../object-key.js';
import { ClientAbortedError, ObjectMissingError, ObjectTruncatedError } from '../storage.errors.js';
import { request, serve } from './http.js';
import { anObject, bytesOf, firstDifference, type StoreUnderTest } from './store-under-test.js';

export function itReads(underTest: () => StoreUnderTest): void {
  it('reads any range, whole buffers and their edges', async () => {
    const { store, unitBytes } = underTest();
    const sizeBytes = unitBytes + 70_000;
    const bytes = bytesOf(sizeBytes);
    const key = await anObject(store, bytes);
    const edges = [0, 1, 65_535, 65_536, 65_537, unitBytes - 1, unitBytes, unitBytes + 1, sizeBytes - 1, sizeBytes];
    for (const start of edges) {
      for (const end of edges.filter((edge) => edge >= start)) {
        const reader = await store.read(key, { start, end });
        expect(reader.sizeBytes).toBe(sizeBytes);
        expect(reader.range).toEqual({ start, end });
        expect(firstDifference(await buffer(reader.stream()), bytes.subarray(start, end))).toBeNull();
        for (const framing of ['length', 'chunks'] as const) {
          const received = await piped(store, key, framing, { start, end });
          expect(firstDifference(received, bytes.subarray(start, end))).toBeNull();
        }
      }
    }
  });

  it('reads an empty object, whole and as a range', async () => {
    const { store } = underTest();
    const key = await anObject(store, Buffer.alloc(0));
    for (const range of [undefined, { start: 0, end: 0 }]) {
      const reader = await store.read(key, range);
      expect(reader).toMatchObject({ sizeBytes: 0, range: { start: 0, end: 0 } });
      expect(await buffer(reader.stream())).toHaveLength(0);
    }
    expect(await piped(store, key, 'length')).toHaveLength(0);
  });

  it('finds before the answer begins that an object is missing, or shorter than its row says', async () => {
    const { store } = underTest();
    await expect(store.read(newObjectKey())).rejects.toBeInstanceOf(ObjectMissingError);
    await expect(store.read(newObjectKey(), { start: 0, end: 0 })).rejects.toBeInstanceOf(ObjectMissingError);
    const key = await anObject(store, bytesOf(100));
    for (const range of [
      { start: 0, end: 101 },
      { start: 100, end: 101 },
      { start: 500, end: 501 },
      { start: 101, end: 101 },
    ]) {
      await expect(store.read(key, range)).rejects.toBeInstanceOf(ObjectTruncatedError);
    }
  });

  it('can be closed unread, and more than once', async () => {
    const { store, unitBytes } = underTest();
    const reader = await store.read(await anObject(store, bytesOf(unitBytes)));
    await reader.close();
    await reader.close();
    await using server = await serve((_, response) => {
      reader.pipeTo(response).catch((error: unknown) => response.end(String(error)));
    });
    const answer = await request(server.port);
    expect((await buffer(answer)).toString()).toMatch(/Error/);
  });

  it('serves a client at its own pace', async () => {
    const { store, unitBytes } = underTest();
    const bytes = bytesOf(3 * unitBytes + 5);
    const key = await anObject(store, bytes);
    const outcome = Promise.withResolvers<void>();
    await using server = await serve((_, response) => {
      response.writeHead(200, { 'content-length': bytes.length });
      store
        .read(key)
        .then((reader) => reader.pipeTo(response))
        .then(outcome.resolve, outcome.reject);
    });
    const answer = await request(server.port);
    const chunks: Buffer[] = [];
    let turns = 0;
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      if ((turns += 1) % 16 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    await outcome.promise;
    expect(firstDifference(Buffer.concat(chunks), bytes)).toBeNull();
  });

  it('stops when the client goes away, or the caller wants it to', async () => {
    const { store, unitBytes } = underTest();
    const key = await anObject(store, bytesOf(16 * unitBytes));
    const abort = new AbortController();
    const outcomes: Promise<unknown>[] = [];
    await using server = await serve((_, response) => {
      const piped = store.read(key).then((reader) => reader.pipeTo(response, { signal: abort.signal }));
      outcomes.push(piped.catch((error: unknown) => error));
    });
    const leaving = await request(server.port);
    await once(leaving, 'data');
    leaving.destroy();
    expect(await outcomes[0]).toMatchObject({ reason: 'disconnected' });

    const waiting = await request(server.port);
    waiting.on('error', () => undefined);
    await once(waiting, 'data');
    waiting.pause();
    abort.abort(new Error('shutting down'));
    const failure = await outcomes[1];
    expect(failure).toBeInstanceOf(ClientAbortedError);
    expect(failure).toMatchObject({ reason: 'cancelled' });
  });
}

/** What a client receives. @param framing  how its answer says where it ends. */
async function piped(store: BlobStore, key: string, framing: 'length' | 'chunks', range?: ByteRange): Promise<Buffer> {
  const sent = Promise.withResolvers<number>();
  const send = async (response: ServerResponse): Promise<number> => {
    const reader = await store.read(key, range);
    const { start, end } = reader.range;
    response.writeHead(200, framing === 'length' ? { 'content-length': end - start } : {});
    await reader.pipeTo(response);
    return reader.sentBytes;
  };
  await using server = await serve((_, response) => void send(response).then(sent.resolve, sent.reject));
  const received = await buffer(await request(server.port));
  expect(await sent.promise).toBe(received.length);
  return received;
}
