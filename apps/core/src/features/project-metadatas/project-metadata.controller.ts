import { ProjectMetadataService } from '@breakwater/catalog';
import { Body, Delete, Get, HttpCode, Param, Post, Put } from '@nestjs/common';
import { Authorize } from '../../access/authorize.decorator.js';
import { principalOf } from '../../access/principal.js';
import type { ProjectScope } from '../../access/project-scope.js';
import { InProject } from '../../access/request-access.js';
import { ApiController, Fails, Operation, ReturnsNothing } from '../../rest/operation.decorator.js';
import { readTextMap, ReturnsTextMap, TakesTextMap, type TextMap } from '../../rest/text-map.js';

/** The metadata of a project, entry by entry. */
@ApiController('projects/:project_name_or_id/metadatas', 'projectMetadata')
export class ProjectMetadataController {
  constructor(private readonly metadata: ProjectMetadataService) {}

  @Get()
  @Authorize('metadata:list')
  @Operation('listProjectMetadatas', 'All metadata of the project.')
  @ReturnsTextMap()
  @Fails(400)
  listProjectMetadatas(@InProject() { project }: ProjectScope): Promise<TextMap> {
    return this.metadata.list(project.id);
  }

  @Post()
  @HttpCode(200)
  @Authorize('metadata:create')
  @Operation('addProjectMetadatas', 'Adds one entry that the project does not have.')
  @TakesTextMap()
  @ReturnsNothing()
  @Fails(400, 409)
  addProjectMetadatas(@InProject() { actor, project }: ProjectScope, @Body() body: unknown): Promise<void> {
    return this.metadata.add(principalOf(actor), project.id, readTextMap(body));
  }

  @Get(':meta_name')
  @Authorize('metadata:read')
  @Operation('getProjectMetadata', 'One entry; empty where the project does not have it.')
  @ReturnsTextMap()
  @Fails(400)
  async getProjectMetadata(@InProject() { project }: ProjectScope, @Param('meta_name') name: string): Promise<TextMap> {
    const metadata = await this.metadata.list(project.id);
    const value = Object.hasOwn(metadata, name) ? metadata[name] : undefined;
    return value === undefined ? {} : { [name]: value };
  }

  @Put(':meta_name')
  @Authorize('metadata:update')
  @Operation('updateProjectMetadata', 'Sets one entry.')
  @TakesTextMap()
  @ReturnsNothing()
  @Fails(400, 409)
  updateProjectMetadata(
    @InProject() { actor, project }: ProjectScope,
    @Param('meta_name') name: string,
    @Body() body: unknown,
  ): Promise<void> {
    return this.metadata.set(principalOf(actor), project.id, name, readTextMap(body));
  }

  @Delete(':meta_name')
  @Authorize('metadata:delete')
  @Operation('deleteProjectMetadata', 'Removes one entry, which means its default.')
  @ReturnsNothing()
  @Fails(400, 409)
  deleteProjectMetadata(
    @InProject() { actor, project }: ProjectScope,
    @Param('meta_name') name: string,
  ): Promise<void> {
    return this.metadata.remove(principalOf(actor), project.id, name);
  }
}
