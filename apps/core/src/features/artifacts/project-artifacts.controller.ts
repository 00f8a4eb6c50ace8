import { ArtifactService } from '@breakwater/catalog';
import { Get, Query } from '@nestjs/common';
import { Authorize } from '../../access/authorize.decorator.js';
import type { ProjectScope } from '../../access/project-scope.js';
import { InProject } from '../../access/request-access.js';
import type { Listed } from '../../rest/listed.js';
import { ApiController, Fails, Operation, ReturnsPage, TakesHeader } from '../../rest/operation.decorator.js';
import { AcceptedReports } from './accepted-reports.js';
import { ACCEPTS_REPORTS } from './artifact.controller.js';
import { ArtifactResponse } from './artifact.dto.js';
import { artifactList, isLatestOnly } from './artifact-list.js';
import { ProjectArtifactListQuery } from './artifact-query.dto.js';

@ApiController('projects/:project_name_or_id/artifacts', 'project')
export class ProjectArtifactsController {
  constructor(private readonly artifacts: ArtifactService) {}

  @Get()
  @Authorize('artifact:list')
  @Operation('listArtifactsOfProject', 'The artifacts of all repositories of the project, the newest first.')
  @TakesHeader(...ACCEPTS_REPORTS)
  @ReturnsPage(ArtifactResponse, { isFilterable: true })
  @Fails(400)
  listArtifactsOfProject(
    @InProject() { project }: ProjectScope,
    @Query() query: ProjectArtifactListQuery,
    @AcceptedReports() accepted: readonly string[],
  ): Promise<Listed<ArtifactResponse>> {
    return artifactList(this.artifacts, project.name, query, accepted, (terms) => ({
      projectId: project.id,
      isLatestOnly: isLatestOnly(query, terms),
    }));
  }
}
