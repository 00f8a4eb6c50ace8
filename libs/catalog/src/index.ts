export type { FoundArtifact } from './artifacts/found-artifact.js';
export { BlobReferencedError, BlobUnknownError } from './blobs/blob.errors.js';
export type { CommittedBlob, StoredBlob } from './blobs/stored-blob.js';
export {
  ArtifactReferencedError,
  ManifestBlobUnknownError,
  ManifestUnknownError,
} from './manifests/manifest.errors.js';
export type { ManifestPush, PushedManifest } from './manifests/pushed-manifest.js';
export { CreateCatalog1764000100000 } from './migrations/create-catalog.migration.js';
export { systemClock, type Clock, type Notifier, type Principal, type ReadableRepositories } from './ports.js';
export type { ProjectFacts } from './projects/project-facts.js';
export { ProjectReader, type ProjectKey } from './projects/project-reader.js';
export { ProjectGoneError, ProjectNotFoundError } from './projects/project.errors.js';
export {
  ChunkSizeMismatchError,
  DigestMismatchError,
  UploadBusyError,
  UploadUnknownError,
} from './uploads/upload.errors.js';
export type { UploadChunk, UploadSession } from './uploads/upload-session.js';
