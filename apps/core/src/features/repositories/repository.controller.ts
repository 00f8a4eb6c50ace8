import { RepositoryService } from '@breakwater/catalog';
import { ListQuery } from '@breakwater/http';
import type { RepositoryName } from '@breakwater/oci';
import { Body, Delete, Get, Put, Query } from '@nestjs/common';
import { Authorize } from '../../access/authorize.decorator.js';
import { principalOf } from '../../access/principal.js';
import type { ProjectScope } from '../../access/project-scope.js';
import { InProject } from '../../access/request-access.js';
import type { Listed } from '../../rest/listed.js';
import {
  ApiController,
  Fails,
  Operation,
  Returns,
  ReturnsNothing,
  ReturnsPage,
} from '../../rest/operation.decorator.js';
import { InRepository } from './in-repository.js';
import { RepositoryBody, RepositoryResponse } from './repository.dto.js';
import { repositoryList } from './repository-list.js';

@ApiController('projects/:project_name/repositories', 'repository')
export class RepositoryController {
  constructor(private readonly repositories: RepositoryService) {}

  @Get()
  @Authorize('repository:list')
  @Operation('listRepositories', 'The repositories of the project, the newest first.')
  @ReturnsPage(RepositoryResponse, { isFilterable: true })
  @Fails(400)
  listRepositories(
    @InProject() { project }: ProjectScope,
    @Query() query: ListQuery,
  ): Promise<Listed<RepositoryResponse>> {
    return repositoryList(query, (request) => this.repositories.list(project.id, request));
  }

  @Get(':repository_name')
  @Authorize('repository:read')
  @Operation('getRepository', 'One repository.')
  @Returns(RepositoryResponse)
  @Fails(400)
  async getRepository(
    @InProject() { project }: ProjectScope,
    @InRepository() name: RepositoryName,
  ): Promise<RepositoryResponse> {
    return RepositoryResponse.of(await this.repositories.get(project.id, name));
  }

  @Put(':repository_name')
  @Authorize('repository:update')
  @Operation('updateRepository', 'Changes the description.')
  @ReturnsNothing()
  @Fails(400)
  updateRepository(
    @InProject() { actor, project }: ProjectScope,
    @InRepository() name: RepositoryName,
    @Body() body: RepositoryBody,
  ): Promise<void> {
    return this.repositories.describe(project, name, body.description ?? '', principalOf(actor));
  }

  @Delete(':repository_name')
  @Authorize('repository:delete')
  @Operation('deleteRepository', 'Deletes the repository with all its artifacts.')
  @ReturnsNothing()
  @Fails(400, 412)
  deleteRepository(@InProject() { actor, project }: ProjectScope, @InRepository() name: RepositoryName): Promise<void> {
    return this.repositories.delete(project, name, principalOf(actor));
  }
}
