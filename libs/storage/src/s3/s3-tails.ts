import { tailPrefix } from '../object-key.js';
import type { S3Bucket } from './s3-bucket.js';

const AT_ONCE = 16;

/** @throws StorageUnavailableError  the rest is left to be deleted again. */
export async function deleteAll(bucket: S3Bucket, keys: readonly string[]): Promise<void> {
  for (let start = 0; start < keys.length; start += AT_ONCE) {
    await Promise.all(keys.slice(start, start + AT_ONCE).map((key) => bucket.delete(key)));
  }
}

/** Deletes every tail that was ever stored for `key`, recorded or not. */
export async function sweepTails(bucket: S3Bucket, key: string): Promise<void> {
  for await (const page of bucket.list(tailPrefix(key), '')) {
    await deleteAll(
      bucket,
      page.map((tail) => tail.key),
    );
  }
}
