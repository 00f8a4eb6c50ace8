export type {
  AppendLimits,
  BlobReader,
  BlobSink,
  BlobSource,
  BlobStore,
  BlobWriter,
  GivesChunksAway,
  ListedObject,
  ObjectStat,
  PresignOptions,
  StoreDescription,
  WriteOptions,
  WriteState,
} from './blob-store.js';
export { createBlobStore } from './create-blob-store.js';
export { newObjectKey, owningObjectKey } from './object-key.js';
export type { FilesystemStorageConfig, S3StorageConfig, StorageConfig } from './storage-config.js';
export {
  type AbortReason,
  ClientAbortedError,
  ObjectMissingError,
  ObjectTruncatedError,
  StorageFullError,
  StorageUnavailableError,
  UploadTooLargeError,
} from './storage.errors.js';
