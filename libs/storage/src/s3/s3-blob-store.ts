import type { ByteRange } from '@breakwater/oci';
import type {
  BlobReader,
  BlobStore,
  BlobWriter,
  ListedObject,
  ObjectStat,
  PresignOptions,
  StoreDescription,
  WriteOptions,
  WriteState,
} from '../blob-store.js';
import { BufferPool } from '../buffers/buffer-pool.js';
import { Hasher } from '../hashing/hasher.js';
import { LiveHashes } from '../hashing/live-hashes.js';
import { PROBE_CONTENT, PROBE_KEY } from '../object-key.js';
import type { S3StorageConfig } from '../storage-config.js';
import { StorageUnavailableError } from '../storage.errors.js';
import type { S3Bucket } from './s3-bucket.js';
import { forkUpload } from './s3-fork.js';
import { S3Reader } from './s3-reader.js';
import { findS3State } from './s3-state.js';
import { deleteAll, sweepTails } from './s3-tails.js';
import { S3Writer } from './s3-writer.js';

/** Objects in a bucket, of AWS or of any server that speaks its protocol. */
export class S3BlobStore implements BlobStore {
  readonly #bucket: Promise<S3Bucket>;
  readonly #pool = new BufferPool();
  readonly #hasher = new Hasher();
  readonly #live = new LiveHashes();

  constructor(private readonly config: S3StorageConfig) {
    this.#bucket = import('./connect-s3.js').then(({ connectS3 }) => connectS3(config));
    // Whoever uses the store is told; until then nobody waits for it.
    this.#bucket.catch(() => undefined);
  }

  async openWriter(key: string, state: WriteState | null, options: WriteOptions): Promise<BlobWriter> {
    const { partSizeBytes } = this.config;
    const bucket = await this.#bucket;
    return S3Writer.open(key, state, options, {
      bucket,
      pool: this.#pool,
      hasher: this.#hasher,
      live: this.#live,
      partSizeBytes,
    });
  }

  async fork(key: string, state: WriteState | null, newKey: string): Promise<WriteState | null> {
    const recorded = findS3State(state);
    if (!recorded || recorded.sizeBytes === 0) return null;
    return forkUpload(await this.#bucket, { key, state: recorded }, newKey);
  }

  async discard(key: string, state: WriteState | null): Promise<void> {
    const recorded = findS3State(state);
    const bucket = await this.#bucket;
    // An upload that was begun by a writer that died before it could record it is found by its key only.
    const uploads = recorded?.uploadId ? [recorded.uploadId] : await bucket.uploadsOf(key);
    for (const uploadId of uploads) await bucket.abortUpload(key, uploadId);
    const tails = recorded?.tail ? [...recorded.superseded, recorded.tail.key] : (recorded?.superseded ?? []);
    await deleteAll(bucket, [key, ...tails]);
    await sweepTails(bucket, key);
  }

  async read(key: string, range?: ByteRange): Promise<BlobReader> {
    return S3Reader.open(await this.#bucket, key, range);
  }

  async stat(key: string): Promise<ObjectStat | null> {
    const sizeBytes = await (await this.#bucket).findSize(key);
    return sizeBytes === null ? null : { sizeBytes };
  }

  async delete(key: string): Promise<void> {
    await (await this.#bucket).delete(key);
  }

  async *list(prefix: string, after = ''): AsyncGenerator<readonly ListedObject[], void> {
    yield* (await this.#bucket).list(prefix, after);
  }

  async presignedUrl(key: string, options: PresignOptions): Promise<string> {
    return (await this.#bucket).presign(key, options);
  }

  async probe(): Promise<void> {
    const bucket = await this.#bucket;
    await bucket.put(PROBE_KEY, Buffer.from(PROBE_CONTENT));
    const reader = await S3Reader.open(bucket, PROBE_KEY, { start: 0, end: PROBE_CONTENT.length });
    const bytes: Buffer[] = [];
    for await (const chunk of reader.stream() as AsyncIterable<Buffer>) bytes.push(chunk);
    if (Buffer.concat(bytes).toString() !== PROBE_CONTENT)
      throw new StorageUnavailableError('the storage did not return what was written');
  }

  capacity(): Promise<null> {
    return Promise.resolve(null);
  }

  describe(): StoreDescription {
    const { endpoint, region, bucket, prefix } = this.config;
    return { driver: 's3', location: `${endpoint ?? `s3.${region}`}/${bucket}/${prefix ?? ''}` };
  }

  async close(): Promise<void> {
    this.#live.clear();
    await this.#hasher.close();
    (await this.#bucket).destroy();
  }
}
