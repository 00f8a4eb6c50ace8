import type { S3StorageConfig } from '../storage-config.js';
import { S3Bucket } from './s3-bucket.js';
import { createS3Clients } from './s3-clients.js';

/** To be imported where S3 is used and only then: the SDK takes 0.1 s and 34 MiB to load. */
export function connectS3(config: S3StorageConfig): S3Bucket {
  return new S3Bucket(createS3Clients(config), config.bucket, config.prefix ?? '');
}
