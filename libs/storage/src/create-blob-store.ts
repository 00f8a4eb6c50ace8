import type { BlobStore } from './blob-store.js';
import { FilesystemBlobStore } from './filesystem/filesystem-blob-store.js';
import type { StorageConfig } from './storage-config.js';

/** Asynchronous, because the AWS SDK (0.1 s, 34 MiB) is loaded only where S3 is used. */
export async function createBlobStore(config: StorageConfig): Promise<BlobStore> {
  if (config.driver === 'filesystem') return new FilesystemBlobStore(config);
  const { S3BlobStore } = await import('./s3/s3-blob-store.js');
  return new S3BlobStore(config);
}
