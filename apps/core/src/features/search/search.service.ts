import { Search } from '@breakwater/catalog';
import type { Actor } from '@breakwater/rbac';
import { Injectable } from '@nestjs/common';
import { ReadableProjects } from '../../access/readable-projects.js';
import { ProjectViews } from '../projects/project-views.js';
import { SearchRepositoryResponse, type SearchResponse } from './search.dto.js';

@Injectable()
export class SearchService {
  constructor(
    private readonly search: Search,
    private readonly readable: ReadableProjects,
    private readonly projects: ProjectViews,
  ) {}

  /** Among what the caller may see, as the lists show it. */
  async find(actor: Actor, part: string): Promise<SearchResponse> {
    const { projects, repositories } = await this.search.find(part, await this.readable.of(actor));
    return {
      project: await this.projects.shown(actor, projects, true),
      repository: repositories.map((repository) => SearchRepositoryResponse.of(repository)),
    };
  }
}
