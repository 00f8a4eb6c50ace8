export { type Addition, type AdditionName, additionsOf } from './additions/addition.js';
export {
  AdditionNotFoundError,
  AdditionUnreadableError,
  AdditionUnsupportedError,
} from './additions/addition.errors.js';
export { AdditionService } from './additions/addition.service.js';
export { ArtifactCopy, type CopyTarget } from './artifacts/artifact-copy.js';
export { ArtifactLookup } from './artifacts/artifact-lookup.js';
export {
  type Accessory,
  accessoryFields,
  type Artifact,
  artifactFields,
  type ArtifactParts,
  type ArtifactTag,
  type ChildReference,
  type PlatformJson,
  tagFields,
} from './artifacts/artifact.js';
export { ArtifactIsAccessoryError } from './artifacts/artifact.errors.js';
export {
  type ArtifactScope,
  MAX_LISTED_CHILDREN,
  MAX_LISTED_JSON_BYTES,
  type RepositoryAddress,
} from './artifacts/artifact-reader.js';
export { ArtifactService } from './artifacts/artifact.service.js';
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
  type CatalogControl,
  type CatalogControlDependencies,
  createCatalogControl,
} from './create-catalog-control.js';
export { InvalidListQueryError } from './lists/list.errors.js';
export type { ListPage, ListRequest } from './lists/list.js';
export type { VisibleProjects } from './lists/visible-projects.js';
export {
  ArtifactReferencedError,
  ManifestBlobUnknownError,
  ManifestUnknownError,
} from './manifests/manifest.errors.js';
export { ManifestService } from './manifests/manifest.service.js';
export type { ManifestPush, PushedManifest } from './manifests/pushed-manifest.js';
export { AddLostBlobs1764000120000 } from './migrations/add-lost-blobs.migration.js';
export { CreateArtifactOverview1764000110000 } from './migrations/create-artifact-overview.migration.js';
export { CreateCatalog1764000100000 } from './migrations/create-catalog.migration.js';
export { ArtifactOverviews, type OverviewJson, type OverviewKind } from './overviews/artifact-overviews.js';
export { systemClock, type Clock, type Notifier, type Principal, type ReadableRepositories } from './ports.js';
export { ProjectDirectory } from './projects/project-directory.js';
export type { ProjectFacts } from './projects/project-facts.js';
export { projectNames, ProjectReader, type ProjectKey } from './projects/project-reader.js';
export {
  type NewProject,
  type Project,
  type ProjectAllowlist,
  type ProjectChange,
  projectFields,
} from './projects/project.js';
export {
  ProjectExistsError,
  ProjectGoneError,
  ProjectMetadataExistsError,
  ProjectNotEmptyError,
  ProjectNotFoundError,
} from './projects/project.errors.js';
export { ProjectMetadataService } from './projects/project-metadata.service.js';
export { DEFAULT_PROJECT_NAME, ProjectService } from './projects/project.service.js';
export { PullRecorder } from './pulls/pull-recorder.js';
export { ReferrerService } from './referrers/referrer.service.js';
export {
  type ReadableProjects,
  RepositoryDirectory,
  type RepositoryPage,
} from './repositories/repository-directory.js';
export { type Repository, repositoryFields } from './repositories/repository.js';
export { RepositoryDates } from './repositories/repository-dates.js';
export { RepositoryNotFoundError } from './repositories/repository.errors.js';
export { RepositoryService } from './repositories/repository.service.js';
export type { ScanLeaf, ScanTarget } from './scan-targets/scan-target.js';
export { SBOM_MAKER, ScanTargets } from './scan-targets/scan-targets.js';
export { type Found, type FoundRepository, MAX_FOUND, Search } from './search/search.js';
export { TagExistsError, TagNotFoundError } from './tags/tag.errors.js';
export { TagService } from './tags/tag.service.js';
export { TagDirectory, type TagPage } from './tags/tag-directory.js';
export {
  ChunkSizeMismatchError,
  DigestMismatchError,
  UploadBusyError,
  UploadUnknownError,
} from './uploads/upload.errors.js';
export type { UploadBody, UploadChunk, UploadSession } from './uploads/upload-session.js';
export { UploadService } from './uploads/upload.service.js';
export { CatalogStatistics, type CatalogCounts } from './statistics/catalog-statistics.js';
