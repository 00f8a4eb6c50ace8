import type { RunningDigest } from '../hashing/running-digest.js';
import { UploadTooLargeError } from '../storage.errors.js';
import type { S3Bucket } from './s3-bucket.js';
import { MOST_PARTS, partsBytesOf, withParts, type S3State } from './s3-state.js';

/** Uploads the parts of one append: hashed in their order, sent two at a time. */
export class PartUploader {
  readonly #etags: (string | null)[] = [];
  #uploadId: Promise<string> | null;
  #knownUploadId: string | null;

  constructor(
    private readonly bucket: S3Bucket,
    private readonly key: string,
    private readonly running: RunningDigest,
    /** As it was before the append. */
    readonly before: S3State,
  ) {
    this.#knownUploadId = before.uploadId;
    this.#uploadId = before.uploadId === null ? null : Promise.resolve(before.uploadId);
  }

  /** Called in order of the bytes. @returns the memory, once the part is stored. */
  async upload(memory: Buffer, lengthBytes: number): Promise<Buffer> {
    const index = this.#etags.push(null) - 1;
    const number = this.before.parts.length + index + 1;
    // Only what cannot be the last part comes here, and the last one needs a number too.
    if (number >= MOST_PARTS) throw new UploadTooLargeError(MOST_PARTS * this.before.partSizeBytes);
    const offset = partsBytesOf(this.before) + index * this.before.partSizeBytes;
    const hashed = await this.running.update(memory, lengthBytes, offset);
    const uploadId = await (this.#uploadId ??= this.#create());
    this.#etags[index] = await this.bucket.uploadPart(this.key, uploadId, number, hashed.subarray(0, lengthBytes));
    return hashed;
  }

  /** The parts stored up to the first that failed or is still on its way. */
  after(): S3State {
    const firstFailed = this.#etags.indexOf(null);
    const stored = firstFailed < 0 ? this.#etags : this.#etags.slice(0, firstFailed);
    return withParts(
      this.before,
      this.#knownUploadId,
      stored.filter((etag) => etag !== null),
    );
  }

  async #create(): Promise<string> {
    this.#knownUploadId = await this.bucket.createUpload(this.key);
    return this.#knownUploadId;
  }
}
