export { ArtifactLookup } from './artifacts/artifact-lookup.js';
export type { FoundArtifact } from './artifacts/found-artifact.js';
export { BlobReferencedError, BlobUnknownError } from './blobs/blob.errors.js';
export { BlobService } from './blobs/blob.service.js';
export type { CommittedBlob, StoredBlob } from './blobs/stored-blob.js';
export type { AuditedBookkeeping, AuditedTotals } from './collection/audit.repository.js';
export type { Audit, AuditOptions, AuditReport, Finding } from './collection/audit.service.js';
export type {
  CollectionOutcome,
  CollectionStep,
  Collector,
  CollectorOptions,
  StepFailure,
} from './collection/collector.service.js';
export { createAudit, createCollector } from './collection/create-collector.js';
export {
  type Catalog,
  type CatalogDependencies,
  type CatalogOptions,
  catalogSchema,
  createCatalog,
} from './create-catalog.js';
export {
  ArtifactReferencedError,
  ManifestBlobUnknownError,
  ManifestUnknownError,
} from './manifests/manifest.errors.js';
export { ManifestService } from './manifests/manifest.service.js';
export type { ManifestPush, PushedManifest } from './manifests/pushed-manifest.js';
export { CreateCatalog1764000100000 } from './migrations/create-catalog.migration.js';
export { systemClock, type Clock, type Notifier, type Principal, type ReadableRepositories } from './ports.js';
export { ProjectDirectory } from './projects/project-directory.js';
export type { ProjectFacts } from './projects/project-facts.js';
export { ProjectReader, type ProjectKey } from './projects/project-reader.js';
export { ProjectGoneError, ProjectNotFoundError } from './projects/project.errors.js';
export { PullRecorder } from './pulls/pull-recorder.js';
export { ReferrerService } from './referrers/referrer.service.js';
export {
  type ReadableProjects,
  RepositoryDirectory,
  type RepositoryPage,
} from './repositories/repository-directory.js';
export { TagDirectory, type TagPage } from './tags/tag-directory.js';
export {
  ChunkSizeMismatchError,
  DigestMismatchError,
  UploadBusyError,
  UploadUnknownError,
} from './uploads/upload.errors.js';
export type { UploadBody, UploadChunk, UploadSession } from './uploads/upload-session.js';
export { UploadService } from './uploads/upload.service.js';
