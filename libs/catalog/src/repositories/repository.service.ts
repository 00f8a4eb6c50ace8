import type { Database } from '@breakwater/database';
import type { RepositoryName } from '@breakwater/oci';
import type { CatalogEvents } from '../events/catalog-events.js';
import type { ListPage, ListRequest } from '../lists/list.js';
import type { VisibleProjects } from '../lists/visible-projects.js';
import type { Principal } from '../ports.js';
import type { Repository } from './repository.js';
import { RepositoryNotFoundError } from './repository.errors.js';
import type { RepositoryRemoval } from './repository-removal.js';
import type { RepositoryRepository } from './repository.repository.js';

/** Repositories, as the control plane shows, describes and deletes them. Lists cost two statements. */
export class RepositoryService {
  constructor(private readonly deps: RepositoryDependencies) {}

  /** Of one project; the newest first unless the request says otherwise. */
  list(projectId: number, request: ListRequest): Promise<ListPage<Repository>> {
    return this.deps.repositories.list(this.deps.database, { projectId }, request);
  }

  /** Of all projects that the caller may look into. */
  listVisible(visible: VisibleProjects, request: ListRequest): Promise<ListPage<Repository>> {
    return this.deps.repositories.list(this.deps.database, { visible }, request);
  }

  /** @throws RepositoryNotFoundError  also for a repository of another project. */
  async get(projectId: number, name: RepositoryName): Promise<Repository> {
    const repository = await this.deps.repositories.find(this.deps.database, projectId, name);
    if (repository === null) throw new RepositoryNotFoundError(name);
    return repository;
  }

  /** @throws RepositoryNotFoundError */
  async describe(
    project: { readonly id: number },
    name: RepositoryName,
    description: string,
    by: Principal,
  ): Promise<void> {
    const { database, repositories, events } = this.deps;
    await database.unitOfWork.run(async (tx) => {
      const isThere = await repositories.setDescription(tx, project.id, name, description);
      if (!isThere) throw new RepositoryNotFoundError(name);
      await events.repositoryUpdated(tx, { project, repository: { name }, by });
    });
  }

  /**
   * Deletes a repository with all its artifacts, which can be restored from the trash, in one transaction: the whole
   * of it or, should a rule forbid one artifact, nothing.
   *
   * @throws RepositoryNotFoundError
   */
  async delete(project: { readonly id: number }, name: RepositoryName, by: Principal): Promise<void> {
    const { repositories, removal, events } = this.deps;
    await this.deps.database.unitOfWork.run(async (tx) => {
      const id = await repositories.lockForDelete(tx, project.id, name);
      if (id === null) throw new RepositoryNotFoundError(name);
      const scene = { project, repository: { id, name }, by };
      const removed = await removal.remove(tx, scene.repository, by.name);
      for (let start = 0; start < removed.length; start += EVENTS_AT_ONCE)
        await events.artifactsDeleted(tx, scene, removed.slice(start, start + EVENTS_AT_ONCE));
      await events.repositoryDeleted(tx, scene);
    });
  }
}

const EVENTS_AT_ONCE = 1_000;

export interface RepositoryDependencies {
  readonly database: Database;
  readonly repositories: RepositoryRepository;
  readonly removal: RepositoryRemoval;
  readonly events: CatalogEvents;
}
