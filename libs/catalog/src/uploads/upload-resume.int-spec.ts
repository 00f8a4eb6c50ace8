import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type BlobStore, type BlobWriter, ClientAbortedError, StorageFullError } from '@breakwater/storage';
import { describeWithS3 } from '@breakwater/testing';
import { Readable } from 'node:stream';
import {
  aBucket,
  type CatalogWorld,
  CI,
  createCatalogWorld,
  filesInTemporaryFolder,
  type TestStorage,
} from '../testing/catalog-world.js';
import { chunkOf, digestOf, eventually, NEVER, someBytes } from '../testing/content.js';
import { brokenOwnership } from '../testing/ownership.js';
import { CONTENT, DIGEST, FIRST, openBody, SECOND, UploadInProgress } from '../testing/upload-in-progress.js';
import { UploadBusyError, UploadUnknownError } from './upload.errors.js';

/** So much that both drivers make some of it durable while the rest arrives. */
const LONG_CHUNK_BYTES = 70 * 2 ** 20;
const SOON_DURABLE_BYTES = 32 * 2 ** 20;

describe('over files, an upload that is interrupted', () => itSurvives(filesInTemporaryFolder));
describeWithS3('over S3, an upload that is interrupted', () => itSurvives(aBucket));

function itSurvives(startStorage: () => Promise<TestStorage>): void {
  let world: CatalogWorld;
  let upload: UploadInProgress;

  beforeAll(async () => {
    world = await createCatalogWorld(startStorage);
  });
  beforeEach(async () => {
    upload = await UploadInProgress.start(world);
  });
  afterEach(async () => expect(await brokenOwnership(world.database, world.store)).toEqual([]));
  afterAll(() => world.close());

  it('goes on at any other replica, which computes the digest from what is stored', async () => {
    const [second, third] = [await world.replica(), await world.replica()];
    await upload.append(chunkOf(FIRST, { start: 0, end: 6 }));
    expect(await upload.receivedBytes(second)).toBe(6);
    await upload.append(chunkOf(SECOND, { start: 6, end: 12 }), second);
    expect(await upload.finish(null, third)).toEqual({ digest: DIGEST, sizeBytes: 12 });
    expect(await upload.committedText()).toBe('first second');
  });

  it('keeps what had arrived when the client broke off in the middle of a chunk', async () => {
    const body = Readable.from(
      (async function* () {
        yield FIRST;
        throw new Error('connection reset');
      })(),
    );
    const chunk = { body, range: { start: 0, end: 12 }, signal: NEVER };
    await expect(upload.append(chunk)).rejects.toThrow(ClientAbortedError);
    expect(await upload.receivedBytes()).toBe(6);
    await upload.finish(chunkOf(SECOND, { start: 6, end: 12 }));
    expect(await upload.committedText()).toBe('first second');
  });

  it('goes on from where it stands when the closing request is given up', async () => {
    const aborting = new AbortController();
    const chunk = openBody(FIRST);
    const finishing = upload.finish({ ...chunk, signal: aborting.signal });
    await eventually(() => upload.hasWriter());
    await eventually(() => chunk.body.readableLength === 0);
    aborting.abort();
    await expect(finishing).rejects.toThrow(ClientAbortedError);
    const kept = await upload.receivedBytes();
    await upload.finish(chunkOf(CONTENT.subarray(kept)), await world.replica());
    expect(await upload.committedText()).toBe('first second');
  });

  it('goes on after the disk was full', async () => {
    const crowded = await world.replica({ store: withRoomFor(world.store, 6) });
    await expect(upload.append(chunkOf(CONTENT), crowded)).rejects.toThrow(StorageFullError);
    expect(await upload.receivedBytes()).toBe(6);
    await upload.finish(chunkOf(SECOND));
    expect(await upload.committedText()).toBe('first second');
  });

  it('drops bytes that a killed process had stored and not recorded', async () => {
    await upload.append(chunkOf(FIRST));
    const { objectKey, writeState } = await upload.stored();
    const writer = await world.store.openWriter(objectKey, writeState, { hash: 'sha256' });
    await writer.append(Readable.from([Buffer.from('never recorded')]));
    await writer.close();

    expect(await upload.receivedBytes()).toBe(6);
    await upload.append(chunkOf(SECOND, { start: 6, end: 12 }));
    await upload.finish(null, await world.replica());
    expect(await upload.committedText()).toBe('first second');
  });

  it('goes on where a killed process held it', async () => {
    await upload.append(chunkOf(FIRST));
    await upload.outliveClaim();
    await upload.finish(chunkOf(SECOND), await world.replica());
    expect(await upload.committedText()).toBe('first second');
  });

  it('keeps most of a long chunk when the process is killed in the middle of it', async () => {
    const content = someBytes(LONG_CHUNK_BYTES + 1_000);
    const busy = await world.replica({ options: { uploadWriterSeconds: 6 } });
    // It has no end: as long as it lasts only its renewals say how far it came.
    const chunk = openBody(content.subarray(0, LONG_CHUNK_BYTES));
    const ended = upload.append(chunk, busy).catch((error: unknown) => error);
    await eventually(async () => (await upload.receivedBytes()) >= SOON_DURABLE_BYTES);
    await upload.outliveClaim();

    const other = await world.replica();
    await upload.append(chunkOf(Buffer.alloc(0)), other); // takes it over
    const kept = await upload.receivedBytes();
    expect(kept).toBeGreaterThanOrEqual(SOON_DURABLE_BYTES);
    chunk.body.end('more of the dying one');
    expect(await ended).toBeInstanceOf(UploadBusyError);
    await upload.append(chunkOf(content.subarray(kept), { start: kept, end: content.length }), other);
    const digest = digestOf(content);
    expect(await other.uploads.finish(upload.repository, CI, upload.id, digest, null)).toMatchObject({ digest });
    const { sizeBytes } = (await world.catalog.blobs.find(upload.repository, digest)) ?? { sizeBytes: 0 };
    expect(sizeBytes).toBe(content.length);
  });

  it('holds nothing of a closing request until that is over, so that it can be sent again as it was', async () => {
    const content = someBytes(LONG_CHUNK_BYTES);
    const busy = await world.replica({ options: { uploadWriterSeconds: 3 } });
    const chunk = openBody(content);
    const dying = busy.uploads.finish(upload.repository, CI, upload.id, digestOf(content), chunk);
    const ended = dying.catch((error: unknown) => error);
    await eventually(() => upload.hasWriter());
    const claimedUntil = (await upload.writerUntil()) as Date;
    await eventually(async () => chunk.body.readableLength === 0);
    await eventually(async () => ((await upload.writerUntil()) as Date) > claimedUntil);
    expect(await upload.receivedBytes()).toBe(0);
    await upload.outliveClaim();
    const digest = digestOf(content);
    const again = world.catalog.uploads.finish(upload.repository, CI, upload.id, digest, chunkOf(content));
    expect(await again).toEqual({ digest, sizeBytes: content.length });
    chunk.body.end();
    // As it finds the session: still another's, or gone.
    expect([UploadBusyError.name, UploadUnknownError.name]).toContain(((await ended) as Error).name);
  });

  it('can be finished again when the commit failed after the object was whole', async () => {
    await world.database.rows('ALTER TABLE trash RENAME TO trash_away');
    await expect(upload.finish(chunkOf(CONTENT))).rejects.toThrow();
    await world.database.rows('ALTER TABLE trash_away RENAME TO trash');
    expect(await upload.receivedBytes()).toBe(12);
    expect(await upload.finish(null, await world.replica())).toEqual({ digest: DIGEST, sizeBytes: 12 });
    expect(await upload.committedText()).toBe('first second');
  });

  it('is not stored twice when the closing request comes again after the commit failed', async () => {
    await upload.append(chunkOf(FIRST));
    await world.database.rows('ALTER TABLE trash RENAME TO trash_away');
    await expect(upload.finish(chunkOf(SECOND))).rejects.toThrow();
    await world.database.rows('ALTER TABLE trash_away RENAME TO trash');
    expect(await upload.finish(chunkOf(SECOND), await world.replica())).toEqual({ digest: DIGEST, sizeBytes: 12 });
    expect(await upload.committedText()).toBe('first second');
  });

  it('is told of its blob when the closing request comes again after the commit', async () => {
    const finished = await upload.finish(chunkOf(CONTENT));
    expect(await upload.finish(chunkOf(CONTENT), await world.replica())).toEqual(finished);
    expect(await upload.finish(null)).toEqual(finished);
    await expect(upload.append(chunkOf(CONTENT))).rejects.toThrow(UploadUnknownError);
  });

  it('lives on when it could not be cancelled', async () => {
    await upload.append(chunkOf(FIRST));
    await world.database.rows('ALTER TABLE trash RENAME TO trash_away');
    await expect(world.catalog.uploads.cancel(upload.repository, CI, upload.id)).rejects.toThrow();
    await world.database.rows('ALTER TABLE trash_away RENAME TO trash');
    expect(await upload.hasWriter()).toBe(false);
    await upload.finish(chunkOf(SECOND));
    expect(await upload.committedText()).toBe('first second');
  });

  it.each([
    ['the next writer', async () => undefined],
    ['whoever takes it over', () => upload.outliveClaim()],
  ])('ends when the storage has lost what was recorded, which %s finds', async (_, before) => {
    await upload.append(chunkOf(FIRST));
    const { objectKey, writeState } = await upload.stored();
    await world.store.discard(objectKey, writeState);
    await before();
    await expect(upload.append(chunkOf(SECOND))).rejects.toThrow(UploadUnknownError);
    await expect(upload.receivedBytes()).rejects.toThrow(UploadUnknownError);
  });
}

/** A disk with room for so many bytes more: what fits is stored, then it is full. */
function withRoomFor(store: BlobStore, roomBytes: number): BlobStore {
  return new Proxy(store, {
    get(target, property) {
      if (property !== 'openWriter') {
        const value: unknown = Reflect.get(target, property);
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      }
      return async (...parameters: Parameters<BlobStore['openWriter']>) =>
        crowded(await store.openWriter(...parameters), roomBytes);
    },
  });
}

function crowded(writer: BlobWriter, roomBytes: number): BlobWriter {
  return {
    key: writer.key,
    get sizeBytes() {
      return writer.sizeBytes;
    },
    get durableSizeBytes() {
      return writer.durableSizeBytes;
    },
    async append(source) {
      const chunks: Buffer[] = [];
      for await (const chunk of source) chunks.push(chunk as Buffer);
      await writer.append(Readable.from([Buffer.concat(chunks).subarray(0, roomBytes)]));
      throw new StorageFullError(new Error('ENOSPC'));
    },
    state: () => writer.state(),
    digest: (algorithm) => writer.digest(algorithm),
    complete: () => writer.complete(),
    close: () => writer.close(),
  };
}
