import { ListMultipartUploadsCommand, S3Client, UploadPartCommand } from '@aws-sdk/client-s3';
import { describeWithS3, startS3Server, type S3Server } from '@breakwater/testing';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BlobStore } from '../blob-store.js';
import { createBlobStore } from '../create-blob-store.js';
import { newObjectKey } from '../object-key.js';
import type { S3StorageConfig } from '../storage-config.js';
import { ObjectTruncatedError, StorageUnavailableError } from '../storage.errors.js';
import { request, serve } from '../testing/http.js';
import { startS3Proxy, type S3Proxy } from '../testing/s3-proxy.js';
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
} from '../testing/store-under-test.js';
import { findS3State } from './s3-state.js';

const MIB = 2 ** 20;
const PART = 5 * MIB;

describeWithS3('S3BlobStore when things go wrong', () => {
  let server: S3Server;
  let proxy: S3Proxy;
  let store: BlobStore;
  let raw: S3Client;

  beforeAll(async () => {
    server = await startS3Server();
    raw = new S3Client({ ...server, credentials: server, forcePathStyle: true });
  });
  afterAll(async () => {
    raw.destroy();
    await server.stop();
  });
  beforeEach(async () => {
    proxy = await startS3Proxy(server.endpoint);
    store = createBlobStore(configOf(server, proxy.endpoint));
  });
  afterEach(async () => {
    await store.close();
    await proxy.stop();
  });

  it('sends what fits one part in one request, and more in equal parts, signed without hashing the body', async () => {
    await anObject(store, bytesOf(PART));
    expect(proxy.seen.map(({ method }) => method)).toEqual(['PUT']);
    proxy.seen.length = 0;
    await anObject(store, bytesOf(2 * PART + 7));
    const parts = proxy.seen.filter(({ url }) => url.includes('partNumber='));
    expect(parts.map(({ headers }) => headers['content-length']).sort()).toEqual(['5242880', '5242880', '7']);
    for (const { headers } of parts) expect(headers['x-amz-content-sha256']).toBe('UNSIGNED-PAYLOAD');
    expect(proxy.seen.map(({ method }) => method).sort()).toEqual(['POST', 'POST', 'PUT', 'PUT', 'PUT']);
  });

  it('completes although the answer to its completion is lost', async () => {
    const bytes = bytesOf(PART + 100);
    let lost = 0;
    proxy.interfere = ({ method, url }) => {
      const isCompletion = method === 'POST' && url.includes('uploadId=');
      return isCompletion && (lost += 1) === 1 ? 'lose-answer' : 'pass';
    };
    const key = await anObject(store, bytes);
    expect(lost).toBeGreaterThanOrEqual(2);
    expect(firstDifference(await contentOf(store, key), bytes)).toBeNull();
  });

  it('breaks the connection to its client when the server sends less than it promised', async () => {
    const key = await anObject(store, bytesOf(PART));
    proxy.interfere = ({ method }) => (method === 'GET' ? { cutAfterBytes: MIB } : 'pass');
    const outcome = Promise.withResolvers<unknown>();
    await using client = await serve((_, response) => {
      response.writeHead(200, { 'content-length': PART });
      store
        .read(key)
        .then((reader) => reader.pipeTo(response))
        .then(outcome.resolve, outcome.resolve);
    });
    const received = request(client.port).then(async (answer) => {
      for await (const _ of answer) continue;
    });
    await expect(received).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(await outcome.promise).toBeInstanceOf(StorageUnavailableError);
    await expect(contentOf(store, key)).rejects.toBeInstanceOf(StorageUnavailableError);
  });

  it('refuses to complete what somebody else has written into', async () => {
    const key = newObjectKey();
    const state = await append(store, key, null, bytesOf(2 * PART));
    const UploadId = findS3State(state)?.uploadId ?? '';
    const Key = `registry/${key}`;
    await raw.send(
      new UploadPartCommand({ Bucket: server.bucket, Key, UploadId, PartNumber: 1, Body: bytesOf(PART, 99) }),
    );
    await expect(finish(store, key, state)).rejects.toBeInstanceOf(StorageUnavailableError);
    expect(await store.stat(key)).toBeNull();
    await store.discard(key, state);
  });

  it('leaves no unfinished upload behind a discard, not even one that was never recorded', async () => {
    const key = newObjectKey();
    await append(store, key, null, bytesOf(2 * PART));
    await store.discard(key, null);
    const { Uploads = [] } = await raw.send(new ListMultipartUploadsCommand({ Bucket: server.bucket }));
    expect(Uploads.filter((upload) => upload.Key === `registry/${key}`)).toEqual([]);
    expect(await keysBelow(store, key)).toEqual([]);
  });

  it('gives addresses that serve the object, and nothing else, to whoever has them', async () => {
    const bytes = bytesOf(1000);
    const key = await anObject(store, bytes);
    const options = { expiresSeconds: 60, contentType: 'application/octet-stream', fileName: 'blåbär.tar' };
    const url = (await store.presignedUrl(key, options)) ?? '';
    const answer = await fetch(url);
    expect(firstDifference(Buffer.from(await answer.arrayBuffer()), bytes)).toBeNull();
    expect(answer.headers.get('content-type')).toBe('application/octet-stream');
    expect(answer.headers.get('content-disposition')).toContain(`filename*=UTF-8''bl%C3%A5b%C3%A4r.tar`);
    const other = await anObject(store, bytes);
    expect((await fetch(url.replace(key, other))).status).toBe(403);
    expect((await fetch(url, { method: 'DELETE' })).status).toBe(403);

    const outside = createBlobStore({ ...configOf(server), publicEndpoint: 'https://blobs.example.com' });
    expect(await outside.presignedUrl(key, options)).toMatch(/^https:\/\/blobs\.example\.com\//);
    await outside.close();
  });

  it('shares a bucket without seeing what is not its own', async () => {
    const neighbour = createBlobStore({ ...configOf(server), prefix: 'neighbour/' });
    const key = await anObject(neighbour, bytesOf(1));
    expect(await store.stat(key)).toBeNull();
    expect(await keysBelow(store, key)).toEqual([]);
    expect(await keysBelow(neighbour, '')).toEqual([key]);
    await neighbour.close();
  });

  it('finds damage before the answer begins', async () => {
    const key = await anObject(store, bytesOf(10));
    await expect(store.read(key, { start: 5, end: 11 })).rejects.toBeInstanceOf(ObjectTruncatedError);
  });

  it('says that the storage cannot be used when nobody answers, or refuses it', async () => {
    await proxy.stop();
    await expect(store.probe()).rejects.toBeInstanceOf(StorageUnavailableError);
    await expect(anObject(store, bytesOf(1))).rejects.toBeInstanceOf(StorageUnavailableError);
    const stranger = createBlobStore({ ...configOf(server), secretAccessKey: 'wrong' });
    await expect(stranger.probe()).rejects.toBeInstanceOf(StorageUnavailableError);
    await stranger.close();
  });

  it('goes on with the parts it has when its server comes back', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'breakwater-s3-'));
    const first = await startS3Server(folder);
    const before = createBlobStore(configOf(first));
    const bytes = bytesOf(4 * PART + 10);
    const key = newObjectKey();
    const durable = await append(before, key, null, bytes.subarray(0, PART + 10));
    const writer = await before.openWriter(key, durable, { hash: 'sha256' });
    const dyingServer = async function* (): AsyncGenerator<Buffer> {
      await first.stop();
      yield* chunksOf(bytes.subarray(PART + 10));
    };
    await expect(writer.append(dyingServer())).rejects.toBeInstanceOf(StorageUnavailableError);
    await writer.close();
    await before.close();
    expect(writer.sizeBytes).toBe(PART + 10);

    const second = await startS3Server(folder);
    const after = createBlobStore(configOf(second));
    const state = await append(after, key, recorded(writer.state()), bytes.subarray(writer.sizeBytes));
    expect(await finish(after, key, state)).toBe(sha256(bytes));
    expect(firstDifference(await contentOf(after, key), bytes)).toBeNull();
    await after.close();
    await second.stop();
    await rm(folder, { recursive: true });
  });
});

function configOf(server: S3Server, endpoint = server.endpoint): S3StorageConfig {
  const { bucket, region, accessKeyId, secretAccessKey } = server;
  return {
    driver: 's3',
    bucket,
    region,
    endpoint,
    accessKeyId,
    secretAccessKey,
    forcePathStyle: true,
    prefix: 'registry/',
    partSizeBytes: PART,
  };
}
