import type { Database, Outbox } from '@breakwater/database';
import type { BlobStore } from '@breakwater/storage';
import { AdditionService } from './additions/addition.service.js';
import { ArtifactCopy } from './artifacts/artifact-copy.js';
import { ArtifactPartsReader } from './artifacts/artifact-parts-reader.js';
import { ArtifactReader } from './artifacts/artifact-reader.js';
import { ArtifactRemoval } from './artifacts/artifact-removal.js';
import { ArtifactRepository } from './artifacts/artifact.repository.js';
import { ArtifactService } from './artifacts/artifact.service.js';
import type { CatalogOptions } from './create-catalog.js';
import { CatalogEvents } from './events/catalog-events.js';
import { ArtifactInsertion } from './manifests/artifact-insertion.js';
import { type Clock, type Notifier, systemClock } from './ports.js';
import { ProjectMetadataService } from './projects/project-metadata.service.js';
import { ProjectNews } from './projects/project-news.js';
import { ProjectRepository } from './projects/project.repository.js';
import { ProjectService } from './projects/project.service.js';
import { RepositoryRemoval } from './repositories/repository-removal.js';
import { RepositoryRepository } from './repositories/repository.repository.js';
import { RepositoryService } from './repositories/repository.service.js';
import { Search } from './search/search.js';
import { CatalogStatistics } from './statistics/catalog-statistics.js';
import { TagRepository } from './tags/tag.repository.js';
import { TagService } from './tags/tag.service.js';

export interface CatalogControlDependencies {
  readonly database: Database;
  /** Read for additions only. */
  readonly store: BlobStore;
  readonly outbox: Outbox;
  readonly notifier: Notifier;
  readonly options: Pick<CatalogOptions, 'blobLeaseSeconds' | 'trashSeconds'>;
  readonly clock?: Clock;
}

/** The use cases of the control plane, over the same tables as those of the data plane (`createCatalog`). */
export interface CatalogControl {
  readonly projects: ProjectService;
  readonly metadata: ProjectMetadataService;
  readonly repositories: RepositoryService;
  readonly artifacts: ArtifactService;
  readonly copies: ArtifactCopy;
  readonly tags: TagService;
  readonly additions: AdditionService;
  readonly statistics: CatalogStatistics;
  readonly search: Search;
}

export function createCatalogControl(dependencies: CatalogControlDependencies): CatalogControl {
  const { database, store, outbox, notifier, options, clock = systemClock } = dependencies;
  const leaseSeconds = options.blobLeaseSeconds;
  const events = new CatalogEvents(outbox, clock);
  const artifactRemoval = new ArtifactRemoval({ trashSeconds: options.trashSeconds, leaseSeconds });
  const removal = new RepositoryRemoval(artifactRemoval);
  const tagRows = new TagRepository();
  const artifactRows = new ArtifactRepository();
  const projectRows = new ProjectRepository();
  const repositoryRows = new RepositoryRepository();
  const news = new ProjectNews(outbox, notifier, clock);
  const reader = new ArtifactReader(database, new ArtifactPartsReader());
  const artifacts = new ArtifactService({ database, reader, removal: artifactRemoval, events });
  return {
    projects: new ProjectService({ database, projects: projectRows, removal, news }),
    metadata: new ProjectMetadataService(database, projectRows, news),
    repositories: new RepositoryService({ database, repositories: repositoryRows, removal, events }),
    artifacts,
    copies: new ArtifactCopy({
      database,
      artifacts: artifactRows,
      insertion: new ArtifactInsertion(artifactRows),
      tags: tagRows,
      events,
      leaseSeconds,
    }),
    tags: new TagService({ database, artifacts, tags: tagRows, events }),
    additions: new AdditionService(database, store, artifacts),
    statistics: new CatalogStatistics(database),
    search: new Search(database, projectRows, repositoryRows),
  };
}
