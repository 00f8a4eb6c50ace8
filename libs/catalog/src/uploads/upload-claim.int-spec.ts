import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
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
import { DIGEST, FIRST, openBody, SECOND, UploadInProgress } from '../testing/upload-in-progress.js';
import { UploadBusyError, UploadUnknownError } from './upload.errors.js';

describe('over files, an upload', () => itHasOneWriter(filesInTemporaryFolder));
describeWithS3('over S3, an upload', () => itHasOneWriter(aBucket));

function itHasOneWriter(startStorage: () => Promise<TestStorage>): void {
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

  const isClaimed = () => upload.hasWriter();

  it('has one writer at a time; the others are told so and disturb nothing', async () => {
    const chunk = openBody(FIRST);
    const streaming = upload.append(chunk);
    await eventually(isClaimed);
    const other = await world.replica();
    const others = await Promise.allSettled([
      upload.append(chunkOf(SECOND), other),
      upload.finish(null, other),
      other.uploads.cancel(upload.repository, CI, upload.id),
    ]);
    for (const attempt of others) expect(attempt).toMatchObject({ reason: expect.any(UploadBusyError) });
    chunk.body.end(SECOND);
    expect(await streaming).toEqual({ id: upload.id, receivedBytes: 12 });
    await upload.finish(null, other);
    expect(await upload.committedText()).toBe('first second');
  });

  it('lets one of many simultaneous chunks through, whole', async () => {
    const replicas = await Promise.all([world.replica(), world.replica(), world.replica()]);
    const attempts = [...replicas, ...replicas].map((one) => upload.append(chunkOf(FIRST, { start: 0, end: 6 }), one));
    const outcomes = await Promise.allSettled(attempts);
    expect(outcomes.filter((outcome) => outcome.status === 'fulfilled')).toHaveLength(1);
    expect(await upload.receivedBytes()).toBe(6);
    await upload.finish(chunkOf(SECOND));
    expect(await upload.committedText()).toBe('first second');
  });

  it('is taken over from a writer that is slow, not dead, and holds nothing of what that one still writes', async () => {
    await upload.append(chunkOf(FIRST));
    const slow = openBody(Buffer.from('of the zombie'));
    const zombie = upload.append(slow);
    await eventually(isClaimed);
    await upload.outliveClaim();

    const other = await world.replica();
    expect(await upload.append(chunkOf(SECOND), other)).toEqual({ id: upload.id, receivedBytes: 12 });
    slow.body.end('more of the zombie');
    await expect(zombie).rejects.toThrow(UploadBusyError);

    expect(await upload.receivedBytes()).toBe(12);
    await upload.finish(null, other);
    expect(await upload.committedText()).toBe('first second');
    expect(await world.database.rows(`SELECT 1 FROM trash WHERE reason = 'superseded'`)).toHaveLength(1);
  });

  it('is not committed by a writer that lost it while it streamed', async () => {
    const slow = openBody(FIRST);
    const zombie = upload.finish(slow);
    await eventually(isClaimed);
    await upload.outliveClaim();
    await upload.append(chunkOf(Buffer.from('other')), await world.replica());
    slow.body.end(SECOND);
    await expect(zombie).rejects.toThrow(UploadBusyError);
    expect(await world.catalog.blobs.find(upload.repository, DIGEST)).toBeNull();
    expect(await upload.receivedBytes()).toBe(5);
  });

  it('keeps a writer that renews its claim for as long as it streams', async () => {
    const hasty = await world.replica({ options: { uploadWriterSeconds: 6 } });
    const chunk = openBody(FIRST);
    const streaming = upload.append(chunk, hasty);
    await eventually(isClaimed);
    const claimedUntil = (await upload.writerUntil()) as Date;
    await eventually(async () => ((await upload.writerUntil()) as Date) > claimedUntil);
    chunk.body.end(SECOND);
    expect(await streaming).toEqual({ id: upload.id, receivedBytes: 12 });
  });

  it('stops a writer as soon as it learns that its claim is lost', async () => {
    const hasty = await world.replica({ options: { uploadWriterSeconds: 0.3 } });
    const zombie = upload.append(openBody(FIRST), hasty);
    zombie.catch(() => undefined);
    await eventually(isClaimed);
    await world.database.rows('UPDATE upload SET writer = uuidv7() WHERE id = $1 RETURNING id', [upload.id]);
    // The body has no end: only the renewal that finds another writer ends it.
    await expect(zombie).rejects.toThrow(UploadBusyError);
  });

  it('ends a writer whose upload is gone under it', async () => {
    const chunk = openBody(FIRST);
    const orphan = upload.append(chunk);
    await eventually(isClaimed);
    await world.database.rows(
      `WITH gone AS (DELETE FROM upload WHERE id = $1 RETURNING object_key)
       INSERT INTO trash (object_key, size_bytes, reason) SELECT object_key, 0, 'cancelled' FROM gone RETURNING 1`,
      [upload.id],
    );
    chunk.body.end();
    await expect(orphan).rejects.toThrow(UploadUnknownError);
  });

  it('becomes one blob when many clients push the same content at once', async () => {
    const content = someBytes(100_000);
    const digest = digestOf(content);
    const replicas = await Promise.all([world.replica(), world.replica()]);
    const pushes = [...Array(6).keys()].flatMap((nth) =>
      replicas.map(({ uploads }) => {
        const into = upload.project.repository(`app-${nth % 3}`);
        return uploads.putWhole(upload.project, into, CI, digest, Readable.from([content]), NEVER);
      }),
    );
    expect(new Set((await Promise.all(pushes)).map((blob) => blob.digest))).toEqual(new Set([digest]));
    expect(await world.database.rows('SELECT 1 FROM blob WHERE digest = $1', [digest])).toHaveLength(1);
    expect(await world.database.rows('SELECT 1 FROM trash WHERE size_bytes = 100000')).toHaveLength(11);
  });
}
