import { RepositoryService } from '@breakwater/catalog';
import { ListQuery } from '@breakwater/http';
import type { Actor } from '@breakwater/rbac';
import { Get, Query } from '@nestjs/common';
import { AllowAnyone } from '../../access/authorize.decorator.js';
import { ReadableProjects } from '../../access/readable-projects.js';
import { CurrentActor } from '../../access/request-access.js';
import type { Listed } from '../../rest/listed.js';
import { ApiController, Fails, Operation, ReturnsPage } from '../../rest/operation.decorator.js';
import { RepositoryResponse } from './repository.dto.js';
import { repositoryList } from './repository-list.js';

@ApiController('repositories', 'repository')
export class AllRepositoriesController {
  constructor(
    private readonly repositories: RepositoryService,
    private readonly readable: ReadableProjects,
  ) {}

  @Get()
  @AllowAnyone()
  @Operation('listAllRepositories', 'The repositories of all projects that the caller can see, the newest first.')
  @ReturnsPage(RepositoryResponse, { isFilterable: true })
  @Fails(400)
  async listAllRepositories(
    @CurrentActor() actor: Actor,
    @Query() query: ListQuery,
  ): Promise<Listed<RepositoryResponse>> {
    const visible = await this.readable.of(actor, 'repository:list');
    return repositoryList(query, (request) => this.repositories.listVisible(visible, request));
  }
}
