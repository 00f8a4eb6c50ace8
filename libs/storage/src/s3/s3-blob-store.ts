import { GetObjectCommand } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import type { ByteRange } from '@breakwater/oci';
import { randomUUID } from 'node:crypto';
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
import type { S3StorageConfig } from '../storage-config.js';
import { StorageUnavailableError } from '../storage.errors.js';
import { S3Bucket } from './s3-bucket.js';
import { createS3Clients, type S3Clients } from './s3-clients.js';
import { s3Error } from './s3-errors.js';
import { forkUpload } from './s3-fork.js';
import { S3Reader } from './s3-reader.js';
import { findS3State } from './s3-state.js';
import { deleteAll, sweepTails } from './s3-tails.js';
import { S3Writer, type S3Shared } from './s3-writer.js';

/** Objects in a bucket, of AWS or of any server that speaks its protocol. */
export class S3BlobStore implements BlobStore {
  readonly #shared: S3Shared;
  readonly #clients: S3Clients;
  readonly #bucket: S3Bucket;

  constructor(private readonly config: S3StorageConfig) {
    this.#clients = createS3Clients(config);
    this.#bucket = new S3Bucket(this.#clients, config.bucket, config.prefix ?? '');
    this.#shared = {
      bucket: this.#bucket,
      pool: new BufferPool(),
      hasher: new Hasher(),
      live: new LiveHashes(),
      partSizeBytes: config.partSizeBytes,
    };
  }

  openWriter(key: string, state: WriteState | null, options: WriteOptions): Promise<BlobWriter> {
    return S3Writer.open(key, state, options, this.#shared);
  }

  async fork(key: string, state: WriteState | null, newKey: string): Promise<WriteState | null> {
    const recorded = findS3State(state);
    if (!recorded || recorded.sizeBytes === 0) return null;
    return forkUpload(this.#bucket, { key, state: recorded }, newKey);
  }

  async discard(key: string, state: WriteState | null): Promise<void> {
    const recorded = findS3State(state);
    // An upload that was begun by a writer that died before it could record it is found by its key only.
    const uploads = recorded?.uploadId ? [recorded.uploadId] : await this.#bucket.uploadsOf(key);
    for (const uploadId of uploads) await this.#bucket.abortUpload(key, uploadId);
    const tails = recorded?.tail ? [...recorded.superseded, recorded.tail.key] : (recorded?.superseded ?? []);
    await deleteAll(this.#bucket, [key, ...tails]);
    await sweepTails(this.#bucket, key);
  }

  read(key: string, range?: ByteRange): Promise<BlobReader> {
    return S3Reader.open(this.#bucket, key, range);
  }

  async stat(key: string): Promise<ObjectStat | null> {
    const sizeBytes = await this.#bucket.findSize(key);
    return sizeBytes === null ? null : { sizeBytes };
  }

  delete(key: string): Promise<void> {
    return this.#bucket.delete(key);
  }

  list(prefix: string, after = ''): AsyncIterable<readonly ListedObject[]> {
    return this.#bucket.list(prefix, after);
  }

  async presignedUrl(key: string, options: PresignOptions): Promise<string> {
    const command = new GetObjectCommand({
      ...this.#bucket.at(key),
      ResponseContentType: options.contentType,
      ...(options.fileName !== undefined && { ResponseContentDisposition: attachment(options.fileName) }),
    });
    try {
      return await getSignedUrl(this.#clients.presigning, command, { expiresIn: options.expiresSeconds });
    } catch (error) {
      throw s3Error(error, key);
    }
  }

  async probe(): Promise<void> {
    const key = `probe/${randomUUID()}`;
    await this.#bucket.put(key, Buffer.from(key));
    const reader = await S3Reader.open(this.#bucket, key, { start: 0, end: key.length });
    const bytes: Buffer[] = [];
    for await (const chunk of reader.stream() as AsyncIterable<Buffer>) bytes.push(chunk);
    await this.#bucket.delete(key);
    if (Buffer.concat(bytes).toString() !== key) {
      throw new StorageUnavailableError('the storage did not return what was written');
    }
  }

  capacity(): Promise<null> {
    return Promise.resolve(null);
  }

  describe(): StoreDescription {
    const { endpoint, region, bucket, prefix } = this.config;
    return { driver: 's3', location: `${endpoint ?? `s3.${region}`}/${bucket}/${prefix ?? ''}` };
  }

  async close(): Promise<void> {
    this.#shared.live.clear();
    await this.#shared.hasher.close();
    this.#clients.destroy();
  }
}

/** @see RFC 6266: the plain form for old agents, the encoded one for all names. */
function attachment(fileName: string): string {
  const plain = fileName.replace(/[^\w.-]/g, '_');
  return `attachment; filename="${plain}"; filename*=UTF-8''${encodeURIComponent(fileName)}`;
}
