import { ListQuery } from '@breakwater/http';
import { actorName } from '@breakwater/rbac';
import { ProjectScannerService, registrationFields, RegistrationService } from '@breakwater/scanning';
import { Body, Get, Put, Query } from '@nestjs/common';
import { Authorize } from '../../access/authorize.decorator.js';
import type { ProjectScope } from '../../access/project-scope.js';
import { InProject } from '../../access/request-access.js';
import { CatalogListRequest } from '../../rest/list-request.js';
import type { Listed } from '../../rest/listed.js';
import {
  AddedOperation,
  ApiController,
  Fails,
  FailsWithoutBody,
  Operation,
  Returns,
  ReturnsNothing,
  ReturnsPage,
} from '../../rest/operation.decorator.js';
import { RegistrationViews } from '../scanners/registration-views.js';
import { SCANNER_ORDER } from '../scanners/scanner.controller.js';
import { ScannerRegistrationResponse } from '../scanners/scanner.dto.js';
import { ProjectScanner, ProjectScannersBody, ProjectScannersResponse } from './project-scanner.dto.js';

/** Which scanners look at the artifacts of a project: one in Harbor's API, several beside it. */
@ApiController('projects/:project_name_or_id', 'project')
export class ProjectScannerController {
  constructor(
    private readonly projectScanners: ProjectScannerService,
    private readonly registrations: RegistrationService,
    private readonly views: RegistrationViews,
  ) {}

  @Get('scanner')
  @Authorize('scanner:read')
  @Operation('getScannerOfProject', 'The scanner of the project, the first of several; empty where there is none.')
  @Returns(ScannerRegistrationResponse)
  @FailsWithoutBody(400)
  async getScannerOfProject(@InProject() { project }: ProjectScope): Promise<Partial<ScannerRegistrationResponse>> {
    const { scanners } = await this.projectScanners.list(project.id);
    const [first] = scanners;
    return first === undefined ? {} : this.views.withHealth(first);
  }

  @Put('scanner')
  @Authorize('scanner:create')
  @Operation('setScannerOfProject', 'Makes this one the only scanner of the project.')
  @ReturnsNothing()
  @Fails(400)
  setScannerOfProject(@InProject() { actor, project }: ProjectScope, @Body() { uuid }: ProjectScanner): Promise<void> {
    return this.projectScanners.set(actorName(actor), project.id, [uuid]);
  }

  @Get('scanner/candidates')
  @Authorize('scanner:create')
  @Operation('listScannerCandidatesOfProject', 'Scanners that the project can choose.')
  @ReturnsPage(ScannerRegistrationResponse, { isFilterable: true })
  @Fails(400)
  async listScannerCandidatesOfProject(
    @Query() query: ListQuery,
  ): Promise<Listed<Partial<ScannerRegistrationResponse>>> {
    const { request, page } = new CatalogListRequest(query, registrationFields, SCANNER_ORDER);
    const { items, total } = await this.registrations.list(request);
    return { items: await this.views.ofAll(items), total, page };
  }

  @Get('scanners')
  @Authorize('scanner:read')
  @AddedOperation('listScannersOfProject', 'All scanners that look at the artifacts of the project, in their order.')
  @Returns(ProjectScannersResponse)
  async listScannersOfProject(@InProject() { project }: ProjectScope): Promise<ProjectScannersResponse> {
    const { scanners, isOwnChoice } = await this.projectScanners.list(project.id);
    return { scanners: await this.views.ofAll(scanners), is_default: !isOwnChoice };
  }

  @Put('scanners')
  @Authorize('scanner:create')
  @AddedOperation('setScannersOfProject', 'Chooses the scanners of the project; reports are merged in this order.')
  @ReturnsNothing()
  @Fails(400)
  setScannersOfProject(
    @InProject() { actor, project }: ProjectScope,
    @Body() { uuids }: ProjectScannersBody,
  ): Promise<void> {
    return this.projectScanners.set(actorName(actor), project.id, uuids);
  }
}
