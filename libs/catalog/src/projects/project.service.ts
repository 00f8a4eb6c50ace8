import type { Database, Transaction } from '@breakwater/database';
import { metadataForCreation, metadataForUpdate, parseProjectName, type CveAllowlist } from '@breakwater/domain';
import type { ListPage, ListRequest } from '../lists/list.js';
import type { VisibleProjects } from '../lists/visible-projects.js';
import type { Principal } from '../ports.js';
import type { RepositoryRemoval } from '../repositories/repository-removal.js';
import type { NewProject, Project, ProjectChange } from './project.js';
import { ProjectExistsError, ProjectNotEmptyError, ProjectNotFoundError } from './project.errors.js';
import type { ProjectNews } from './project-news.js';
import type { ProjectRepository } from './project.repository.js';

/** No project is one yet: pulling through a cache of another registry needs registries. */
export const NO_PROXY_CACHE = { isProxyCache: false } as const;

/** Made at the first start. */
export const DEFAULT_PROJECT_NAME = 'library';

/** Projects, as the control plane makes, shows, changes and deletes them. Rights were decided before. */
export class ProjectService {
  constructor(private readonly deps: ProjectDependencies) {}

  /** @throws ProjectNotFoundError */
  async get(id: number): Promise<Project> {
    const project = await this.deps.projects.find(this.deps.database, id);
    if (project === null) throw new ProjectNotFoundError(id);
    return project;
  }

  /** By name unless the request says otherwise. Two statements, whatever the page and the number of projects. */
  list(visible: VisibleProjects, request: ListRequest): Promise<ListPage<Project>> {
    return this.deps.projects.list(this.deps.database, visible, request);
  }

  /**
   * Makes a project in the caller's transaction, where its creator becomes a member.
   *
   * @returns its id.
   * @throws InvalidProjectNameError, InvalidProjectMetadataError, ProjectExistsError
   */
  async createIn(tx: Transaction, by: Principal, project: NewProject): Promise<number> {
    const { projects, news } = this.deps;
    const name = parseProjectName(project.name);
    const metadata = metadataForCreation(project.metadata, NO_PROXY_CACHE, project.isPublic ?? null);
    const id = await projects.insert(tx, { name, ownerId: project.ownerId, isPublic: metadata.public === 'true' });
    if (id === null) throw new ProjectExistsError(name);
    await projects.setMetadata(tx, id, metadata);
    await news.created(tx, by, { id, name });
    if (project.allowlist) await this.setAllowlist(tx, by, { id, name }, project.allowlist);
    return id;
  }

  /**
   * Makes the public project `library` where there is no project at all, so that a first push has somewhere to go.
   * Replicas that start together make it once.
   *
   * @returns its id; null when there was something already.
   */
  async ensureDefaultIn(tx: Transaction, by: Principal, ownerId: number): Promise<number | null> {
    if (!(await this.deps.projects.isEmptyHouse(tx))) return null;
    const project = { name: DEFAULT_PROJECT_NAME, ownerId, metadata: { public: 'true' } };
    return this.createIn(tx, by, project).catch((error: unknown) => {
      if (error instanceof ProjectExistsError) return null;
      throw error;
    });
  }

  /** @throws ProjectNotFoundError, InvalidProjectMetadataError */
  async update(by: Principal, id: number, change: ProjectChange): Promise<void> {
    const { projects, news } = this.deps;
    await this.deps.database.unitOfWork.run(async (tx) => {
      const project = await projects.lock(tx, id, 'change');
      if (project === null) throw new ProjectNotFoundError(id);
      const { set, clear } = metadataForUpdate(change.metadata, project.metadata, NO_PROXY_CACHE);
      await projects.setMetadata(tx, id, set);
      await projects.clearMetadata(tx, id, clear);
      await projects.touch(tx, id);
      await news.updated(tx, by, project);
      if (change.allowlist !== null) await this.setAllowlist(tx, by, project, change.allowlist);
    });
  }

  /** Whether `delete` would go through now. */
  async isDeletable(id: number): Promise<boolean> {
    return (await this.countRepositories(id)) === 0;
  }

  /** Those that lists show. */
  countRepositories(id: number): Promise<number> {
    return this.deps.projects.countRepositories(this.deps.database, id);
  }

  /**
   * Deletes a project that has no repositories, with what unfinished pushes left in it.
   *
   * @throws ProjectNotFoundError
   * @throws ProjectNotEmptyError  repositories go first, one by one: so nobody deletes content by a wrong name.
   */
  async delete(by: Principal, id: number): Promise<void> {
    const { projects, removal, news } = this.deps;
    await this.deps.database.unitOfWork.run(async (tx) => {
      if ((await projects.countRepositories(tx, id)) > 0) throw new ProjectNotEmptyError();
      // Race: a push that makes a repository meanwhile. Its insert needs the project's row: it waits for us and then
      // finds no project, or we wait for it and then see its repository. So the repositories are read after the lock.
      const project = await projects.lock(tx, id, 'delete');
      if (project === null) throw new ProjectNotFoundError(id);
      if ((await removal.removeUnlisted(tx, id)) > 0) throw new ProjectNotEmptyError();
      await projects.delete(tx, id);
      await news.deleted(tx, by, project);
    });
  }

  private async setAllowlist(
    tx: Transaction,
    by: Principal,
    project: { readonly id: number; readonly name: string },
    allowlist: CveAllowlist,
  ): Promise<void> {
    const before = await this.deps.projects.setAllowlist(tx, project.id, allowlist);
    await this.deps.news.allowlistSet(tx, by, project, before, allowlist);
  }
}

export interface ProjectDependencies {
  readonly database: Database;
  readonly projects: ProjectRepository;
  readonly removal: RepositoryRemoval;
  readonly news: ProjectNews;
}
