import { MemberService } from '@breakwater/accounts';
import { ProjectNotEmptyError, ProjectNotFoundError, ProjectReader, ProjectService } from '@breakwater/catalog';
import type { Actor } from '@breakwater/rbac';
import { Body, Delete, Get, Head, Headers, Post, Put, Query } from '@nestjs/common';
import { AllowAnyone, Authorize, SignedIn } from '../../access/authorize.decorator.js';
import { principalOf } from '../../access/principal.js';
import type { ProjectScope } from '../../access/project-scope.js';
import { CurrentActor, InProject } from '../../access/request-access.js';
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
} from '../../rest/operation.decorator.js';
import { ProjectCreation } from './project-creation.js';
import {
  ProjectBody,
  ProjectDeletableResponse,
  ProjectListQuery,
  ProjectNameQuery,
  ProjectResponse,
} from './project.dto.js';
import { AllowlistOfOtherProjectError } from './project.errors.js';
import { ProjectSummaryResponse } from './project-summary.dto.js';
import { ProjectViews } from './project-views.js';

@ApiController('projects', 'project')
export class ProjectController {
  constructor(
    private readonly projects: ProjectService,
    private readonly creation: ProjectCreation,
    private readonly views: ProjectViews,
    private readonly reader: ProjectReader,
    private readonly members: MemberService,
  ) {}

  @Get()
  @AllowAnyone()
  @Operation('listProjects', 'The public projects and those of the caller, by name.')
  @ReturnsPage(ProjectResponse, { isFilterable: true })
  @Fails(400)
  listProjects(@CurrentActor() actor: Actor, @Query() query: ProjectListQuery): Promise<Listed<ProjectResponse>> {
    return this.views.list(actor, query);
  }

  @Post()
  @SignedIn()
  @Operation('createProject', 'Makes a project, of which the caller becomes an administrator.')
  @TakesHeader('X-Resource-Name-In-Location', 'boolean', 'The path in `Location` ends with the name, not the id.')
  @ReturnsCreated<string>()
  @Fails(400, 403, 409)
  async createProject(
    @CurrentActor() actor: Actor,
    @Body() body: ProjectBody,
    @Headers('x-resource-name-in-location') isNameInLocation?: string,
  ): Promise<string> {
    const { id, name } = await this.creation.create(actor, body);
    return isNameInLocation === 'true' ? name : `${id}`;
  }

  @Head()
  @SignedIn()
  @Operation('headProject', 'Whether there is a project of this name.')
  @ReturnsNothing()
  @Fails(400, 404)
  async headProject(@Query() { project_name: name }: ProjectNameQuery): Promise<void> {
    if ((await this.reader.find({ by: 'name', name })) === null) throw new ProjectNotFoundError(name);
  }

  @Get(':project_name_or_id')
  @Authorize('project:read')
  @Operation('getProject', 'One project.')
  @Returns(ProjectResponse)
  getProject(@InProject() scope: ProjectScope): Promise<ProjectResponse> {
    return this.views.get(scope);
  }

  @Put(':project_name_or_id')
  @Authorize('project:update')
  @Operation('updateProject', 'Changes the given metadata and, where given, the CVE allowlist.')
  @ReturnsNothing()
  @Fails(400)
  async updateProject(@InProject() { actor, project }: ProjectScope, @Body() body: ProjectBody): Promise<void> {
    const ofProject = body.cve_allowlist?.project_id;
    if (ofProject && ofProject !== project.id) throw new AllowlistOfOtherProjectError(ofProject);
    await this.projects.update(principalOf(actor), project.id, {
      metadata: { ...body.metadata },
      allowlist: body.cve_allowlist?.toAllowlist() ?? null,
    });
  }

  @Delete(':project_name_or_id')
  @Authorize('project:delete')
  @Operation('deleteProject', 'Deletes a project that has no repositories.')
  @ReturnsNothing()
  @Fails(400, 412)
  deleteProject(@InProject() { actor, project }: ProjectScope): Promise<void> {
    return this.projects.delete(principalOf(actor), project.id);
  }

  @Get(':project_name_or_id/_deletable')
  @Authorize('project:delete')
  @Operation('getProjectDeletable', 'Whether the project can be deleted now, and why not.')
  @Returns(ProjectDeletableResponse)
  async getProjectDeletable(@InProject() { project }: ProjectScope): Promise<ProjectDeletableResponse> {
    if (await this.projects.isDeletable(project.id)) return { deletable: true };
    return { deletable: false, message: new ProjectNotEmptyError().message };
  }

  @Get(':project_name_or_id/summary')
  @Authorize('project:read')
  @Operation('getProjectSummary', 'How many repositories there are and, for those who may list them, members.')
  @Returns(ProjectSummaryResponse)
  @Fails(400)
  async getProjectSummary(@InProject() scope: ProjectScope): Promise<ProjectSummaryResponse> {
    const { id } = scope.project;
    const [repositories, members] = await Promise.all([
      this.projects.countRepositories(id),
      scope.can('member:list') ? this.members.countByRole(id) : null,
    ]);
    return ProjectSummaryResponse.of(repositories, members);
  }
}
