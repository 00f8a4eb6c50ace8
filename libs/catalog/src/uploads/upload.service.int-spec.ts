import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type Digest, RangeOutOfOrderError, RepositoryName } from '@breakwater/oci';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { type CatalogWorld, CARLA, CI, createCatalogWorld, type TestProject } from '../testing/catalog-world.js';
import { chunkOf, digestOf } from '../testing/content.js';
import { brokenOwnership } from '../testing/ownership.js';
import { ChunkSizeMismatchError, DigestMismatchError, UploadUnknownError } from './upload.errors.js';

const HELLO = Buffer.from('hello');
const [HE, LLO] = [HELLO.subarray(0, 2), HELLO.subarray(2)];
const EMPTY = Buffer.alloc(0);

describe('UploadService', () => {
  let world: CatalogWorld;
  let project: TestProject;
  let repository: RepositoryName;

  beforeAll(async () => {
    world = await createCatalogWorld();
    project = await world.aProject();
    repository = project.repository();
  });
  afterEach(async () => expect(await brokenOwnership(world.database, world.store)).toEqual([]));
  afterAll(() => world.close());

  const uploads = () => world.catalog.uploads;
  const start = async () => (await uploads().start(project, repository, CI)).id;

  async function storedText(digest: Digest): Promise<string> {
    const blob = await world.catalog.blobs.find(repository, digest);
    if (blob === null) return 'no such blob';
    return text((await world.store.read(blob.objectKey)).stream());
  }

  async function trashed(reason: string): Promise<number> {
    return (await world.database.rows('SELECT 1 FROM trash WHERE reason = $1', [reason])).length;
  }

  it('commits what comes in one piece, and forgets the session', async () => {
    const id = await start();
    const digest = digestOf(HELLO);
    expect(await uploads().finish(repository, CI, id, digest, chunkOf(HELLO))).toEqual({ digest, sizeBytes: 5 });
    expect(await storedText(digest)).toBe('hello');
    await expect(uploads().get(repository, CI, id)).rejects.toThrow(UploadUnknownError);
  });

  it('commits what comes in a stream without ranges, and nothing at the end', async () => {
    const id = await start();
    const content = Buffer.from('a stream');
    expect(await uploads().append(repository, CI, id, chunkOf(content))).toEqual({ id, receivedBytes: 8 });
    await uploads().finish(repository, CI, id, digestOf(content), null);
    expect(await storedText(digestOf(content))).toBe('a stream');
  });

  it('commits chunks with ranges, the last of them in the closing request', async () => {
    const content = Buffer.from('one two three');
    const id = await start();
    await uploads().append(repository, CI, id, chunkOf(content.subarray(0, 4), { start: 0, end: 4 }));
    await uploads().append(repository, CI, id, chunkOf(content.subarray(4, 8), { start: 4, end: 8 }));
    expect(await uploads().get(repository, CI, id)).toEqual({ id, receivedBytes: 8 });
    await uploads().finish(repository, CI, id, digestOf(content), chunkOf(content.subarray(8), { start: 8, end: 13 }));
    expect(await storedText(digestOf(content))).toBe('one two three');
  });

  it.each([
    ['without any chunk', async () => undefined],
    ['after an empty chunk', async (id: string) => uploads().append(repository, CI, id, chunkOf(EMPTY))],
  ])('commits a blob of no bytes, %s', async (_, before) => {
    const id = await start();
    await before(id);
    const digest = digestOf(EMPTY);
    expect(await uploads().finish(repository, CI, id, digest, null)).toEqual({ digest, sizeBytes: 0 });
    expect(await storedText(digest)).toBe('');
  });

  it.each(['sha256', 'sha512'] as const)('commits by a sha512 what was announced as %s', async (announced) => {
    const content = Buffer.from(`announced as ${announced}`);
    const { id } = await uploads().start(project, repository, CI, announced);
    await uploads().append(repository, CI, id, chunkOf(content));
    const digest = digestOf(content, 'sha512');
    expect(await uploads().finish(repository, CI, id, digest, null)).toEqual({ digest, sizeBytes: content.length });
    expect(await storedText(digest)).toBe(`announced as ${announced}`);
  });

  it.each([
    ['skips ahead', { start: 3, end: 5 }],
    ['goes back', { start: 0, end: 3 }],
  ])('refuses a chunk that %s before it reads a byte, and the session lives on', async (_, range) => {
    const id = await start();
    await uploads().append(repository, CI, id, chunkOf(HE, { start: 0, end: 2 }));
    const bad = chunkOf(LLO, range);
    await expect(uploads().append(repository, CI, id, bad)).rejects.toThrow(RangeOutOfOrderError);
    await expect(uploads().finish(repository, CI, id, digestOf(HELLO), bad)).rejects.toThrow(RangeOutOfOrderError);
    expect(bad.body.readableDidRead).toBe(false);
    expect(await uploads().get(repository, CI, id)).toEqual({ id, receivedBytes: 2 });
    await uploads().finish(repository, CI, id, digestOf(HELLO), chunkOf(LLO, { start: 2, end: 5 }));
  });

  it('keeps what lies in the range when a chunk is longer or shorter than its range', async () => {
    const id = await start();
    const long = uploads().append(repository, CI, id, chunkOf(HELLO, { start: 0, end: 2 }));
    await expect(long).rejects.toThrow(ChunkSizeMismatchError);
    const { receivedBytes } = await uploads().get(repository, CI, id);
    expect(receivedBytes).toBeLessThanOrEqual(2);
    const rest = HELLO.subarray(receivedBytes);
    const short = uploads().append(repository, CI, id, chunkOf(rest, { start: receivedBytes, end: 9 }));
    await expect(short).rejects.toThrow(ChunkSizeMismatchError);
    expect(await uploads().get(repository, CI, id)).toEqual({ id, receivedBytes: 5 });
    await uploads().finish(repository, CI, id, digestOf(HELLO), null);
  });

  it('stands where it stood after a closing chunk of the wrong length', async () => {
    const id = await start();
    await uploads().append(repository, CI, id, chunkOf(HE));
    const closing = chunkOf(LLO, { start: 2, end: 9 });
    await expect(uploads().finish(repository, CI, id, digestOf(HELLO), closing)).rejects.toThrow(
      ChunkSizeMismatchError,
    );
    expect(await uploads().get(repository, CI, id)).toEqual({ id, receivedBytes: 2 });
    await uploads().finish(repository, CI, id, digestOf(HELLO), chunkOf(LLO, { start: 2, end: 5 }));
  });

  it('forgets an upload whose content is not what was promised', async () => {
    const refused = await trashed('refused');
    const id = await start();
    await uploads().append(repository, CI, id, chunkOf(HELLO));
    const promised = digestOf(Buffer.from('good bye'));
    await expect(uploads().finish(repository, CI, id, promised, null)).rejects.toThrow(DigestMismatchError);
    await expect(uploads().get(repository, CI, id)).rejects.toThrow(UploadUnknownError);
    expect(await storedText(promised)).toBe('no such blob');
    expect(await trashed('refused')).toBe(refused + 1);
  });

  it('stores one object for content that is pushed again, and keeps no second one', async () => {
    const content = Buffer.from('twice');
    const duplicates = await trashed('duplicate');
    for (const into of [repository, project.repository('other')])
      await uploads().putWhole(project, into, CI, digestOf(content), Readable.from([content]), AbortSignal.any([]));
    expect(await world.database.rows('SELECT 1 FROM blob WHERE digest = $1', [digestOf(content)])).toHaveLength(1);
    expect(await trashed('duplicate')).toBe(duplicates + 1);
  });

  it('is known to its principal in its repository alone', async () => {
    const id = await start();
    const strangers = await Promise.allSettled([
      uploads().get(repository, CARLA, id),
      uploads().get(project.repository('other'), CI, id),
      uploads().get(
        repository,
        CI,
        id.replace(/^./, (digit) => (digit === '0' ? '1' : '0')),
      ),
      uploads().get(repository, CI, "' OR 1=1"),
      uploads().append(repository, CARLA, id, chunkOf(HELLO)),
      uploads().finish(project.repository('other'), CI, id, digestOf(HELLO), chunkOf(HELLO)),
      uploads().cancel(repository, CARLA, id),
    ]);
    for (const stranger of strangers)
      expect(stranger).toMatchObject({ status: 'rejected', reason: expect.any(UploadUnknownError) });
    expect(await uploads().get(repository, CI, id)).toEqual({ id, receivedBytes: 0 });
  });

  it('can be cancelled; what it held goes to the trash', async () => {
    const cancelled = await trashed('cancelled');
    const id = await start();
    await uploads().append(repository, CI, id, chunkOf(HELLO));
    await uploads().cancel(repository, CI, id);
    await expect(uploads().get(repository, CI, id)).rejects.toThrow(UploadUnknownError);
    await expect(uploads().cancel(repository, CI, id)).rejects.toThrow(UploadUnknownError);
    expect(await trashed('cancelled')).toBe(cancelled + 1);
  });

  it('lives for its whole time again after every write', async () => {
    const id = await start();
    const remaining = async (): Promise<number> => {
      const sql = 'SELECT extract(epoch FROM expires_at - now())::float8 AS seconds FROM upload WHERE id = $1';
      return (await world.database.rows<{ seconds: number }>(sql, [id]))[0]?.seconds ?? 0;
    };
    await world.database.rows(`UPDATE upload SET expires_at = now() + interval '5 s' WHERE id = $1 RETURNING id`, [id]);
    await uploads().append(repository, CI, id, chunkOf(HELLO));
    expect(await remaining()).toBeGreaterThan(3_500);
  });

  describe('putWhole', () => {
    const putWhole = (content: Buffer | Readable, digest: Digest, signal = AbortSignal.any([])) => {
      const body = content instanceof Readable ? content : Readable.from([content]);
      return uploads().putWhole(project, repository, CI, digest, body, signal);
    };
    const open = () => world.database.rows('SELECT 1 FROM upload');

    it('commits at once', async () => {
      const content = Buffer.from('in one go');
      expect(await putWhole(content, digestOf(content))).toEqual({ digest: digestOf(content), sizeBytes: 9 });
      expect(await storedText(digestOf(content))).toBe('in one go');
    });

    it.each([
      ['the digest is wrong', () => putWhole(HELLO, digestOf(LLO))],
      ['the client goes away', () => putWhole(brokenAfter(HE), digestOf(HELLO))],
      ['the request is given up', () => putWhole(HELLO, digestOf(HELLO), AbortSignal.abort())],
    ])('leaves no session behind when %s', async (_, fail) => {
      const before = await open();
      await expect(fail()).rejects.toThrow();
      expect(await open()).toHaveLength(before.length);
    });
  });

  it('makes the repository, but lists do not show it before a manifest comes', async () => {
    const name = project.repository('only-uploads');
    await uploads().start(project, name, CI);
    expect(await world.database.rows('SELECT listed_at FROM repository WHERE name = $1', [name])).toEqual([
      { listed_at: null },
    ]);
    expect(await world.catalog.tags.list(name, { limit: 10, after: null })).toBeNull();
  });

  it('refuses a project that was deleted meanwhile, or made again under its name', async () => {
    const gone = { ...project, id: 1_000_000 };
    await expect(uploads().start(gone, RepositoryName.parse('gone/app'), CI)).rejects.toThrow('does not exist');
    await expect(uploads().start(gone, repository, CI)).rejects.toThrow('does not exist');
  });
});

function brokenAfter(content: Buffer): Readable {
  return Readable.from(
    (async function* () {
      yield content;
      throw new Error('connection reset');
    })(),
  );
}
