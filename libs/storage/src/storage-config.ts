/** Where blobs are kept. Plain values: an app fills them from its own configuration. */
export type StorageConfig = FilesystemStorageConfig | S3StorageConfig;

export interface FilesystemStorageConfig {
  readonly driver: 'filesystem';
  /** Folder; made if it is missing. Every process that reads blobs needs the same one. */
  readonly root: string;
  /** Let the kernel copy from file to socket where it can (sendfile). True when left out. */
  readonly usesSendfile?: boolean;
}

export interface S3StorageConfig {
  readonly driver: 's3';
  readonly bucket: string;
  readonly region: string;
  /** Of a server other than AWS, e.g. `https://minio:9000`. */
  readonly endpoint?: string;
  /** Left out, credentials come from the instance or the service account. */
  readonly accessKeyId?: string;
  readonly secretAccessKey?: string;
  /** Bucket in the path instead of the host name. */
  readonly forcePathStyle: boolean;
  /** Put before every key, to share a bucket, e.g. `registry/`. */
  readonly prefix?: string;
  /**
   * 8 MiB when left out; 5 MiB to 5 GiB. An upload in progress holds up to three of them in memory. Larger uploads of
   * known size get larger parts by themselves.
   */
  readonly partSizeBytes?: number;
  /** Address that clients reach the bucket by, for presigned URLs, if it is not `endpoint`. */
  readonly publicEndpoint?: string;
}
