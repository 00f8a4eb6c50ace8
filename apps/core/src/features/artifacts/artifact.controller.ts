import { ArtifactService, type RepositoryAddress } from '@breakwater/catalog';
import type { Reference } from '@breakwater/oci';
import { Delete, Get, Post, Query } from '@nestjs/common';
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
  ReturnsCreated,
  ReturnsNothing,
  ReturnsPage,
  TakesHeader,
  TakesPage,
} from '../../rest/operation.decorator.js';
import { AtRepository } from '../repositories/in-repository.js';
import { AcceptedReports } from './accepted-reports.js';
import { ArtifactCopies } from './artifact-copies.js';
import { AtReference } from './at-reference.js';
import { ArtifactResponse, shownOverviews } from './artifact.dto.js';
import { artifactList, includesChildren } from './artifact-list.js';
import { ArtifactListQuery, ArtifactQuery, CopySourceQuery, partsOf } from './artifact-query.dto.js';

export const ACCEPTS_REPORTS = [
  'X-Accept-Vulnerabilities',
  'string',
  'Media types of reports, the best first; the first that there is counts.',
] as const;

@ApiController('projects/:project_name/repositories/:repository_name/artifacts', 'artifact')
export class ArtifactController {
  constructor(
    private readonly artifacts: ArtifactService,
    private readonly copies: ArtifactCopies,
  ) {}

  @Get()
  @Authorize('artifact:list')
  @Operation('listArtifacts', 'The artifacts of the repository, the newest first; nothing where there is none.')
  @TakesHeader(...ACCEPTS_REPORTS)
  @ReturnsPage(ArtifactResponse, { isFilterable: true })
  @Fails(400)
  listArtifacts(
    @InProject() { project }: ProjectScope,
    @AtRepository() repository: RepositoryAddress,
    @Query() query: ArtifactListQuery,
    @AcceptedReports() accepted: readonly string[],
  ): Promise<Listed<ArtifactResponse>> {
    return artifactList(this.artifacts, project.name, query, accepted, (terms) => ({
      repository,
      includesChildren: includesChildren(terms),
    }));
  }

  @Post()
  @Authorize('artifact:create')
  @Operation('CopyArtifact', 'Copies an artifact of another repository, with its tags and all that belongs to it.')
  @ReturnsCreated<string>()
  @Fails(400, 405)
  CopyArtifact(
    @InProject() scope: ProjectScope,
    @AtRepository() { name }: RepositoryAddress,
    @Query() { from }: CopySourceQuery,
  ): Promise<string> {
    return this.copies.copy(scope, name, from);
  }

  @Get(':reference')
  @Authorize('artifact:read')
  @Operation('getArtifact', 'One artifact, by tag or digest.')
  @TakesHeader(...ACCEPTS_REPORTS)
  @TakesPage()
  @Returns(ArtifactResponse)
  @Fails(400)
  async getArtifact(
    @InProject() { project }: ProjectScope,
    @AtRepository() repository: RepositoryAddress,
    @AtReference() reference: Reference,
    @Query() query: ArtifactQuery,
    @AcceptedReports() accepted: readonly string[],
  ): Promise<ArtifactResponse> {
    const artifact = await this.artifacts.get(repository, reference, partsOf(query));
    return ArtifactResponse.of(artifact, project.name, shownOverviews(query, accepted));
  }

  @Delete(':reference')
  @Authorize('artifact:delete')
  @Operation('deleteArtifact', 'Deletes an artifact with all its tags, by any of them or by digest.')
  @ReturnsNothing()
  @Fails(412)
  deleteArtifact(
    @InProject() { actor }: ProjectScope,
    @AtRepository() repository: RepositoryAddress,
    @AtReference() reference: Reference,
  ): Promise<void> {
    return this.artifacts.delete(repository, reference, principalOf(actor));
  }
}
