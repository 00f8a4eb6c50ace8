import { readdir, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { startS3Server } from '@breakwater/testing';

export interface StoredFile {
  /** Below the storage's own root. */
  readonly path: string;
  readonly sizeBytes: number;
}

/** Where a cluster keeps its bytes, and a look at what lies there that asks nobody but the disk. */
export interface StorageUnderTest {
  readonly environment: Readonly<Record<string, string>>;
  /** Every file, of whatever kind: parts of unfinished uploads as well. */
  files(): Promise<StoredFile[]>;
  stop(): Promise<void>;
}

export function filesystemStorage(directory: string): StorageUnderTest {
  return {
    environment: { BREAKWATER_STORAGE_DRIVER: 'filesystem', BREAKWATER_STORAGE_PATH: directory },
    files: () => filesBelow(directory),
    stop: async () => undefined,
  };
}

/** @param directory  where the S3 server keeps its buckets. */
export async function s3Storage(directory: string): Promise<StorageUnderTest> {
  const server = await startS3Server(directory);
  return {
    environment: {
      BREAKWATER_STORAGE_DRIVER: 's3',
      BREAKWATER_S3_ENDPOINT: server.endpoint,
      BREAKWATER_S3_REGION: server.region,
      BREAKWATER_S3_BUCKET: server.bucket,
      BREAKWATER_S3_FORCE_PATH_STYLE: 'true',
      BREAKWATER_S3_ACCESS_KEY_ID: server.accessKeyId,
      BREAKWATER_S3_SECRET_ACCESS_KEY: server.secretAccessKey,
      BREAKWATER_S3_PART_BYTES: '5MiB',
    },
    files: () => filesBelow(join(directory, 'buckets', server.bucket)),
    stop: () => server.stop(),
  };
}

async function filesBelow(root: string): Promise<StoredFile[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Promise.all(files.map(async (path) => ({ path: relative(root, path), sizeBytes: (await stat(path)).size })));
}
