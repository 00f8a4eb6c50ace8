import type { Database, DatabaseSchema, Outbox } from '@breakwater/database';
import type { BlobStore } from '@breakwater/storage';
import { ArtifactLookup } from './artifacts/artifact-lookup.js';
import { ArtifactRemoval } from './artifacts/artifact-removal.js';
import { ArtifactRepository } from './artifacts/artifact.repository.js';
import { BlobLeases } from './blobs/blob-leases.js';
import { BlobService } from './blobs/blob.service.js';
import { LostBlobs } from './blobs/lost-blobs.js';
import { CatalogEvents } from './events/catalog-events.js';
import { ArtifactInsertion } from './manifests/artifact-insertion.js';
import { ManifestInspector } from './manifests/manifest-inspector.js';
import { ManifestService } from './manifests/manifest.service.js';
import { AddLostBlobs1764000120000 } from './migrations/add-lost-blobs.migration.js';
import { CreateArtifactOverview1764000110000 } from './migrations/create-artifact-overview.migration.js';
import { CreateCatalog1764000100000 } from './migrations/create-catalog.migration.js';
import { type Clock, systemClock } from './ports.js';
import { ProjectDirectory } from './projects/project-directory.js';
import { PullRecorder } from './pulls/pull-recorder.js';
import { PullRepository } from './pulls/pull.repository.js';
import { ReferrerService } from './referrers/referrer.service.js';
import { RepositoryDirectory } from './repositories/repository-directory.js';
import { TagDirectory } from './tags/tag-directory.js';
import { TagRepository } from './tags/tag.repository.js';
import { BlobMount } from './uploads/blob-mount.js';
import { LateReturns } from './uploads/late-returns.js';
import { UploadWriting } from './uploads/upload-writing.js';
import { UploadRepository } from './uploads/upload.repository.js';
import { UploadService } from './uploads/upload.service.js';

/**
 * The catalog's tables. A process lists its migrations after the outbox's (libs/database) and before those of
 * accounts: `[CreateOutbox1764000000000, ...catalogSchema.migrations, ...accountsSchema.migrations]`.
 */
export const catalogSchema = {
  entities: [],
  migrations: [CreateCatalog1764000100000, CreateArtifactOverview1764000110000, AddLostBlobs1764000120000],
} as const satisfies DatabaseSchema;

export interface CatalogOptions {
  /** How long a blob stays that no manifest of the repository needs, counted from when a client last heard of it. */
  readonly blobLeaseSeconds: number;
  /** How long deleted artifacts can be restored. */
  readonly trashSeconds: number;
  /** How long an upload lives after it was last written to. */
  readonly uploadTtlSeconds: number;
  /** A writer that is silent for so long counts as dead, and the next request takes its upload over. */
  readonly uploadWriterSeconds: number;
  /** A request that sends no byte for so long is given up. */
  readonly uploadIdleSeconds?: number;
  /** Pulls are written down this often. */
  readonly pullFlushSeconds?: number;
  /** Memory for manifests. */
  readonly manifestCacheBytes?: number;
  /** How old what is known of a project may be when its notice was lost. */
  readonly projectTtlMs?: number;
}

export interface CatalogDependencies {
  readonly database: Database;
  readonly store: BlobStore;
  readonly outbox: Outbox;
  readonly options: CatalogOptions;
  readonly clock?: Clock;
}

/** The use cases of the data plane. */
export interface Catalog {
  readonly projects: ProjectDirectory;
  readonly repositories: RepositoryDirectory;
  readonly uploads: UploadService;
  readonly blobs: BlobService;
  readonly artifacts: ArtifactLookup;
  readonly manifests: ManifestService;
  readonly tags: TagDirectory;
  readonly referrers: ReferrerService;
  readonly pulls: PullRecorder;
  /** Writes down what is still in memory. Call it when no request is under way any more, before the database closes. */
  close(): Promise<void>;
}

export function createCatalog(dependencies: CatalogDependencies): Catalog {
  const { database, store, outbox, clock = systemClock } = dependencies;
  const options = { ...DEFAULTS, ...dependencies.options };
  const leaseSeconds = options.blobLeaseSeconds;
  const writerSeconds = options.uploadWriterSeconds;

  const leases = new BlobLeases(database, leaseSeconds);
  const lost = new LostBlobs(database, store);
  const blobs = new BlobService(database, leases, lost);
  const uploads = new UploadRepository({ ttlSeconds: options.uploadTtlSeconds, writerSeconds });
  const artifactRows = new ArtifactRepository();
  const artifacts = new ArtifactLookup(database, options.manifestCacheBytes);
  const pulls = new PullRecorder(new PullRepository(database, outbox), clock, options.pullFlushSeconds);
  return {
    projects: new ProjectDirectory(database, clock, options.projectTtlMs),
    repositories: new RepositoryDirectory(database),
    uploads: new UploadService({
      database,
      store,
      uploads,
      writing: new UploadWriting(database, store, uploads, lost, {
        leaseSeconds,
        idleSeconds: options.uploadIdleSeconds,
      }),
      mounts: new BlobMount(database, leaseSeconds),
      blobs,
      lateReturns: new LateReturns(writerSeconds),
      writerSeconds,
    }),
    blobs,
    artifacts,
    manifests: new ManifestService({
      database,
      artifacts: artifactRows,
      insertion: new ArtifactInsertion(artifactRows),
      tags: new TagRepository(),
      removal: new ArtifactRemoval({ trashSeconds: options.trashSeconds, leaseSeconds }),
      inspector: new ManifestInspector(blobs, store),
      events: new CatalogEvents(outbox, clock),
    }),
    tags: new TagDirectory(database),
    referrers: new ReferrerService(database, artifacts),
    pulls,
    async close() {
      await Promise.all([leases.settle(), pulls.flush()]);
    },
  };
}

const DEFAULTS = {
  uploadIdleSeconds: 120,
  pullFlushSeconds: 5,
  manifestCacheBytes: 64 * 1024 * 1024,
  projectTtlMs: 2_000,
} as const satisfies Partial<CatalogOptions>;
