import type { BlobStore } from './blob-store.js';
import { FilesystemBlobStore } from './filesystem/filesystem-blob-store.js';
import { S3BlobStore } from './s3/s3-blob-store.js';
import type { StorageConfig } from './storage-config.js';

/** Does no I/O yet: a storage that cannot be reached is found by `probe` or by the first use. */
export function createBlobStore(config: StorageConfig): BlobStore {
  return config.driver === 'filesystem' ? new FilesystemBlobStore(config) : new S3BlobStore(config);
}
