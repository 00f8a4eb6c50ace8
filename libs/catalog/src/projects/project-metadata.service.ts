import type { Database, Transaction } from '@breakwater/database';
import { metadataEntry } from '@breakwater/domain';
import type { Principal } from '../ports.js';
import type { GivenProjectMetadata, Project } from './project.js';
import { ProjectMetadataExistsError, ProjectNotFoundError } from './project.errors.js';
import type { ProjectNews } from './project-news.js';
import type { LockedProject, ProjectRepository } from './project.repository.js';
import { NO_PROXY_CACHE } from './project.service.js';

/** The metadata of a project, entry by entry. */
export class ProjectMetadataService {
  constructor(
    private readonly database: Database,
    private readonly projects: ProjectRepository,
    private readonly news: ProjectNews,
  ) {}

  /** @throws ProjectNotFoundError */
  async list(projectId: number): Promise<Project['metadata']> {
    const project = await this.projects.find(this.database, projectId);
    if (project === null) throw new ProjectNotFoundError(projectId);
    return project.metadata;
  }

  /** @throws ProjectNotFoundError, InvalidProjectMetadataError, ProjectMetadataExistsError */
  async add(by: Principal, projectId: number, given: GivenProjectMetadata): Promise<void> {
    const { key, value } = metadataEntry(given, NO_PROXY_CACHE);
    await this.change(by, projectId, async (tx, { metadata }) => {
      if (metadata[key] !== undefined) throw new ProjectMetadataExistsError(key);
      await this.projects.setMetadata(tx, projectId, { [key]: value });
    });
  }

  /**
   * Sets an entry, whether it was there or not. (Harbor answers 200 and stores nothing where it was not.)
   *
   * @throws ProjectNotFoundError, InvalidProjectMetadataError
   */
  async set(by: Principal, projectId: number, name: string, given: GivenProjectMetadata): Promise<void> {
    const { key, value } = metadataEntry(given, NO_PROXY_CACHE, name);
    await this.change(by, projectId, (tx) => this.projects.setMetadata(tx, projectId, { [key]: value }));
  }

  /** What is not there is gone already. @throws ProjectNotFoundError */
  async remove(by: Principal, projectId: number, name: string): Promise<void> {
    await this.change(by, projectId, (tx) => this.projects.clearMetadata(tx, projectId, [name]));
  }

  private async change(
    by: Principal,
    projectId: number,
    work: (tx: Transaction, project: LockedProject) => Promise<void>,
  ): Promise<void> {
    await this.database.unitOfWork.run(async (tx) => {
      const project = await this.projects.lock(tx, projectId, 'change');
      if (project === null) throw new ProjectNotFoundError(projectId);
      await work(tx, project);
      await this.projects.touch(tx, projectId);
      await this.news.updated(tx, by, project);
    });
  }
}
