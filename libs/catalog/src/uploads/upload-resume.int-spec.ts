import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { RepositoryName } from '@breakwater/oci';
import { type BlobStore, type BlobWriter, ClientAbortedError, StorageFullError } from '@breakwater/storage';
import { describeWithS3 } from '@breakwater/testing';
import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { Catalog } from '../create-catalog.js';
import {
  aBucket,
  type CatalogWorld,
  CI,
  createCatalogWorld,
  filesInTemporaryFolder,
  type TestProject,
  type TestStorage,
} from '../testing/catalog-world.js';
import { chunkOf, digestOf, eventually, someBytes } from '../testing/content.js';
import { brokenOwnership } from '../testing/ownership.js';
import { UploadBusyError, UploadUnknownError } from './upload.errors.js';
import type { UploadChunk } from './upload-session.js';

const CONTENT = Buffer.from('first second');
const [FIRST, SECOND] = [CONTENT.subarray(0, 6), CONTENT.subarray(6)];
const DIGEST = digestOf(CONTENT);

describe('over files, an upload that is interrupted', () => itSurvives(filesInTemporaryFolder));
describeWithS3('over S3, an upload that is interrupted', () => itSurvives(aBucket));

function itSurvives(startStorage: () => Promise<TestStorage>): void {
  let world: CatalogWorld;
  let project: TestProject;
  let repository: RepositoryName;
  let id: string;

  beforeAll(async () => {
    world = await createCatalogWorld(startStorage);
  });
  beforeEach(async () => {
    project = await world.aProject();
    repository = project.repository();
    id = (await world.catalog.uploads.start(project, repository, CI)).id;
  });
  afterEach(async () => expect(await brokenOwnership(world.database, world.store)).toEqual([]));
  afterAll(() => world.close());

  const append = (catalog: Catalog, chunk: UploadChunk) => catalog.uploads.append(repository, CI, id, chunk);
  const finish = (catalog: Catalog, chunk: UploadChunk | null = null, digest = DIGEST) =>
    catalog.uploads.finish(repository, CI, id, digest, chunk);
  const received = async (catalog = world.catalog) => (await catalog.uploads.get(repository, CI, id)).receivedBytes;

  async function committedText(digest = DIGEST): Promise<string> {
    const blob = await world.catalog.blobs.find(repository, digest);
    return text((await world.store.read(blob?.objectKey ?? '')).stream());
  }

  /** Makes the writer that is at work look dead: its claim has run out and it has not noticed. */
  async function forgetWriter(): Promise<void> {
    const sql = `UPDATE upload SET writer_until = now() - interval '1 s' WHERE id = $1 RETURNING id`;
    expect(await world.database.rows(sql, [id])).toHaveLength(1);
  }

  /** What a killed process leaves: a claim that nobody renews. */
  async function claimAndDie(): Promise<void> {
    const sql = `UPDATE upload SET writer = uuidv7(), writer_until = now() - interval '1 s' WHERE id = $1 RETURNING id`;
    expect(await world.database.rows(sql, [id])).toHaveLength(1);
  }

  const hasWriter = async () =>
    (await world.database.rows('SELECT 1 FROM upload WHERE id = $1 AND writer IS NOT NULL', [id])).length === 1;

  it('goes on at any other replica, which computes the digest from what is stored', async () => {
    const [second, third] = [await world.replica(), await world.replica()];
    await append(world.catalog, chunkOf(FIRST, { start: 0, end: 6 }));
    expect(await received(second)).toBe(6);
    await append(second, chunkOf(SECOND, { start: 6, end: 12 }));
    expect(await finish(third)).toEqual({ digest: DIGEST, sizeBytes: 12 });
    expect(await committedText()).toBe('first second');
  });

  it('keeps what had arrived when the client broke off in the middle of a chunk', async () => {
    const broken = Readable.from(
      (async function* () {
        yield FIRST;
        throw new Error('connection reset');
      })(),
    );
    const chunk = { body: broken, range: { start: 0, end: 12 }, signal: new AbortController().signal };
    await expect(append(world.catalog, chunk)).rejects.toThrow(ClientAbortedError);
    expect(await received()).toBe(6);
    await finish(world.catalog, chunkOf(SECOND, { start: 6, end: 12 }));
    expect(await committedText()).toBe('first second');
  });

  it('keeps what had arrived when the closing request is given up', async () => {
    const body = new PassThrough();
    body.write(FIRST);
    const aborting = new AbortController();
    const finishing = finish(world.catalog, { body, range: null, signal: aborting.signal });
    await eventually(hasWriter);
    await eventually(() => body.readableLength === 0);
    aborting.abort();
    await expect(finishing).rejects.toThrow(ClientAbortedError);
    const kept = await received();
    await finish(await world.replica(), chunkOf(CONTENT.subarray(kept)));
    expect(await committedText()).toBe('first second');
  });

  it('goes on after the disk was full', async () => {
    const crowded = await world.replica({ store: withRoomFor(world.store, 6) });
    await expect(append(crowded, chunkOf(CONTENT))).rejects.toThrow(StorageFullError);
    expect(await received()).toBe(6);
    await finish(world.catalog, chunkOf(SECOND));
    expect(await committedText()).toBe('first second');
  });

  it('drops bytes that a killed process had stored and not recorded', async () => {
    await append(world.catalog, chunkOf(FIRST));
    const sql = 'SELECT object_key, write_state FROM upload WHERE id = $1';
    const [row] = await world.database.rows<{ object_key: string; write_state: object }>(sql, [id]);
    const writer = await world.store.openWriter(row?.object_key ?? '', row?.write_state ?? null, { hash: 'sha256' });
    await writer.append(Readable.from([Buffer.from('never recorded')]));
    await writer.close();

    expect(await received()).toBe(6);
    await append(world.catalog, chunkOf(SECOND, { start: 6, end: 12 }));
    await finish(await world.replica());
    expect(await committedText()).toBe('first second');
  });

  it('has one writer at a time; the others are told so and disturb nothing', async () => {
    const body = new PassThrough();
    body.write(FIRST);
    const streaming = append(world.catalog, { body, range: null, signal: new AbortController().signal });
    await eventually(hasWriter);
    const other = await world.replica();
    const others = await Promise.allSettled([
      append(other, chunkOf(SECOND)),
      finish(other),
      other.uploads.cancel(repository, CI, id),
    ]);
    for (const attempt of others) expect(attempt).toMatchObject({ reason: expect.any(UploadBusyError) });
    body.end(SECOND);
    expect(await streaming).toEqual({ id, receivedBytes: 12 });
    await finish(other);
    expect(await committedText()).toBe('first second');
  });

  it('lets one of many simultaneous chunks through, whole', async () => {
    const replicas = await Promise.all([world.replica(), world.replica(), world.replica()]);
    const chunk = () => chunkOf(FIRST, { start: 0, end: 6 });
    const outcomes = await Promise.allSettled(replicas.flatMap((one) => [append(one, chunk()), append(one, chunk())]));
    const accepted = outcomes.filter((outcome) => outcome.status === 'fulfilled');
    expect(accepted).toHaveLength(1);
    expect(await received()).toBe(6);
    await finish(world.catalog, chunkOf(SECOND));
    expect(await committedText()).toBe('first second');
  });

  it('is taken over from a writer that is slow, not dead, and holds nothing of what that one still writes', async () => {
    await append(world.catalog, chunkOf(FIRST));
    const zombieBody = new PassThrough();
    zombieBody.write('of the zombie');
    const zombie = append(world.catalog, { body: zombieBody, range: null, signal: new AbortController().signal });
    await eventually(hasWriter);
    await forgetWriter();

    const other = await world.replica();
    expect(await append(other, chunkOf(SECOND))).toEqual({ id, receivedBytes: 12 });
    zombieBody.end('more of the zombie');
    await expect(zombie).rejects.toThrow(UploadBusyError);

    expect(await received()).toBe(12);
    await finish(other);
    expect(await committedText()).toBe('first second');
    expect(await world.database.rows(`SELECT 1 FROM trash WHERE reason = 'superseded'`)).toHaveLength(1);
  });

  it('is not committed by a writer that lost it while it streamed', async () => {
    const zombieBody = new PassThrough();
    zombieBody.write(FIRST);
    const zombie = finish(world.catalog, { body: zombieBody, range: null, signal: new AbortController().signal });
    await eventually(hasWriter);
    await forgetWriter();
    const other = await world.replica();
    await append(other, chunkOf(Buffer.from('other')));
    zombieBody.end(SECOND);
    await expect(zombie).rejects.toThrow(UploadBusyError);
    expect(await world.catalog.blobs.find(repository, DIGEST)).toBeNull();
    expect(await received()).toBe(5);
  });

  it('stops a writer as soon as it learns that its claim is lost', async () => {
    const hasty = await world.replica({ options: { uploadWriterSeconds: 0.3 } });
    const endless = new PassThrough();
    endless.write(FIRST);
    const zombie = append(hasty, { body: endless, range: null, signal: new AbortController().signal });
    zombie.catch(() => undefined);
    await eventually(hasWriter);
    const stolen = `UPDATE upload SET writer = uuidv7() WHERE id = $1 RETURNING id`;
    await world.database.rows(stolen, [id]);
    // No end of the body: only the renewal that finds another writer ends it.
    await expect(zombie).rejects.toThrow(UploadBusyError);
  });

  it('ends a writer whose upload is gone under it', async () => {
    const body = new PassThrough();
    body.write(FIRST);
    const orphan = append(world.catalog, { body, range: null, signal: new AbortController().signal });
    await eventually(hasWriter);
    await world.database.rows(
      `WITH gone AS (DELETE FROM upload WHERE id = $1 RETURNING object_key)
       INSERT INTO trash (object_key, size_bytes, reason) SELECT object_key, 0, 'cancelled' FROM gone RETURNING 1`,
      [id],
    );
    body.end();
    await expect(orphan).rejects.toThrow(UploadUnknownError);
  });

  it('stays with a writer that renews its claim for as long as it streams', async () => {
    const hasty = await world.replica({ options: { uploadWriterSeconds: 0.3 } });
    const body = new PassThrough();
    body.write(FIRST);
    const streaming = append(hasty, { body, range: null, signal: new AbortController().signal });
    await eventually(hasWriter);
    const claimedAt = Date.now();
    while (Date.now() - claimedAt < 700)
      await expect(append(world.catalog, chunkOf(SECOND))).rejects.toThrow(UploadBusyError);
    body.end(SECOND);
    expect(await streaming).toEqual({ id, receivedBytes: 12 });
  });

  it('can be finished again when the commit failed after the object was whole', async () => {
    await world.database.rows('ALTER TABLE trash RENAME TO trash_away');
    await expect(finish(world.catalog, chunkOf(CONTENT))).rejects.toThrow();
    await world.database.rows('ALTER TABLE trash_away RENAME TO trash');
    expect(await received()).toBe(12);
    expect(await finish(await world.replica())).toEqual({ digest: DIGEST, sizeBytes: 12 });
    expect(await committedText()).toBe('first second');
  });

  it.each([
    ['the next writer', async () => undefined],
    ['whoever takes it over', claimAndDie],
  ])('ends when the storage has lost what was recorded, which %s finds', async (_, before) => {
    await append(world.catalog, chunkOf(FIRST));
    const sql = 'SELECT object_key, write_state FROM upload WHERE id = $1';
    const [row] = await world.database.rows<{ object_key: string; write_state: object }>(sql, [id]);
    await world.store.discard(row?.object_key ?? '', row?.write_state ?? null);
    await before();
    await expect(append(world.catalog, chunkOf(SECOND))).rejects.toThrow(UploadUnknownError);
    await expect(received()).rejects.toThrow(UploadUnknownError);
  });

  it('becomes one blob when many clients push the same content at once', async () => {
    const content = someBytes(100_000);
    const replicas = await Promise.all([world.replica(), world.replica()]);
    const pushes = Array.from({ length: 12 }, async (_, nth) => {
      const { uploads } = replicas[nth % replicas.length] as Catalog;
      const into = project.repository(`app-${nth % 3}`);
      return uploads.putWhole(project, into, CI, digestOf(content), Readable.from([content]), AbortSignal.any([]));
    });
    expect(new Set((await Promise.all(pushes)).map((blob) => blob.digest))).toEqual(new Set([digestOf(content)]));
    const blobs = await world.database.rows<{ object_key: string }>('SELECT object_key FROM blob WHERE digest = $1', [
      digestOf(content),
    ]);
    expect(blobs).toHaveLength(1);
    expect(await world.database.rows(`SELECT 1 FROM trash WHERE size_bytes = 100000`)).toHaveLength(11);
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
