import type { Database } from '@breakwater/database';
import type { RepositoryName } from '@breakwater/oci';
import type { VisibleProjects } from '../lists/visible-projects.js';
import type { Project } from '../projects/project.js';
import type { ProjectRepository } from '../projects/project.repository.js';
import type { Repository } from '../repositories/repository.js';
import type { RepositoryRepository } from '../repositories/repository.repository.js';

/** Rows of either kind in one answer: the operation has no pages, and nobody reads further. */
export const MAX_FOUND = 1_000;

export interface FoundRepository extends Repository {
  readonly name: RepositoryName;
  readonly projectName: string;
  readonly isPublic: boolean;
}

export interface Found {
  /** By name. */
  readonly projects: readonly Project[];
  /** By name. */
  readonly repositories: readonly FoundRepository[];
}

/** Projects and repositories by a part of their name, among those that the caller may see. */
export class Search {
  constructor(
    private readonly database: Database,
    private readonly projects: ProjectRepository,
    private readonly repositories: RepositoryRepository,
  ) {}

  /** As in Harbor, projects are found by case and repositories by any; their names have no capitals anyway. */
  async find(part: string, visible: VisibleProjects): Promise<Found> {
    const page = { limit: MAX_FOUND, offset: 0 };
    const [projects, repositories] = await Promise.all([
      this.projects.list(this.database, visible, {
        ...page,
        where: { sql: 'strpos(project.name, $1) > 0', params: [part] },
      }),
      this.repositories.list(
        this.database,
        { visible },
        {
          ...page,
          where: { sql: 'strpos(repository.name, lower($1)) > 0', params: [part] },
          orderBy: 'repository.name',
        },
      ),
    ]);
    const projectIds = [...new Set(repositories.items.map((repository) => repository.projectId))];
    const facts = await this.factsOf(projectIds);
    return {
      projects: projects.items,
      repositories: repositories.items.flatMap((repository) => {
        const project = facts.get(repository.projectId);
        // Race: the project was deleted between the two statements.
        return project === undefined ? [] : [{ ...repository, projectName: project.name, isPublic: project.is_public }];
      }),
    };
  }

  private async factsOf(projectIds: readonly number[]): Promise<ReadonlyMap<number, ProjectFactsRow>> {
    const rows = await this.database.rows<ProjectFactsRow>(
      'SELECT id, name, is_public FROM project WHERE id = ANY ($1::integer[])',
      [projectIds],
    );
    return new Map(rows.map((row) => [row.id, row]));
  }
}

interface ProjectFactsRow {
  readonly id: number;
  readonly name: string;
  readonly is_public: boolean;
}
