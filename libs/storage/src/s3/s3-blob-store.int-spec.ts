import { describeWithS3, startS3Server } from '@breakwater/testing';
import { describeBlobStore } from '../blob-store.suite.js';
import { createBlobStore } from '../create-blob-store.js';
import type { StorageConfig } from '../storage-config.js';

/** The smallest that S3 allows. */
const PART_BYTES = 5 * 2 ** 20;

describeWithS3('with a real S3 server', () => {
  describeBlobStore('s3', async () => {
    const server = await startS3Server();
    const config: StorageConfig = {
      driver: 's3',
      bucket: server.bucket,
      region: server.region,
      endpoint: server.endpoint,
      accessKeyId: server.accessKeyId,
      secretAccessKey: server.secretAccessKey,
      forcePathStyle: true,
      prefix: 'registry/',
      partSizeBytes: PART_BYTES,
    };
    const store = createBlobStore(config);
    const replica = createBlobStore(config);
    return {
      store,
      replica,
      unitBytes: PART_BYTES,
      stop: async () => {
        await Promise.all([store.close(), replica.close()]);
        await server.stop();
      },
    };
  });
});
