import type { RepositoryAddress } from '@breakwater/catalog';
import { ReportLog, ScanService } from '@breakwater/scanning';
import type { Reference } from '@breakwater/oci';
import { actorName } from '@breakwater/rbac';
import { Body, Get, Header, HttpCode, Param, Post } from '@nestjs/common';
import { Authorize } from '../../access/authorize.decorator.js';
import type { ProjectScope } from '../../access/project-scope.js';
import { InProject } from '../../access/request-access.js';
import { ApiController, Fails, Operation, ReturnsAccepted, ReturnsText } from '../../rest/operation.decorator.js';
import { AtReference } from '../artifacts/at-reference.js';
import { AtRepository } from '../repositories/in-repository.js';
import { ScanTypeBody } from './scan.dto.js';

@ApiController('projects/:project_name/repositories/:repository_name/artifacts/:reference/scan', 'scan')
export class ScanController {
  constructor(
    private readonly scans: ScanService,
    private readonly log: ReportLog,
  ) {}

  @Post()
  @HttpCode(202)
  @Authorize('scan:create')
  @Operation('scanArtifact', 'Has the artifact scanned, of an index all images in it, by the scanners of the project.')
  @ReturnsAccepted()
  @Fails(400, 409, 412)
  scanArtifact(
    @InProject() { actor }: ProjectScope,
    @AtRepository() repository: RepositoryAddress,
    @AtReference() reference: Reference,
    @Body() body?: ScanTypeBody,
  ): Promise<void> {
    const asked = { by: actorName(actor), trigger: 'MANUAL', reference } as const;
    return this.scans.scan(repository, ScanTypeBody.kindOf(body), asked);
  }

  @Post('stop')
  @HttpCode(202)
  @Authorize('scan:stop')
  @Operation('stopScanArtifact', 'Stops the scans of the artifact that wait or run.')
  @ReturnsAccepted()
  @Fails(400)
  stopScanArtifact(
    @InProject() { actor }: ProjectScope,
    @AtRepository() repository: RepositoryAddress,
    @AtReference() reference: Reference,
    @Body() body: ScanTypeBody,
  ): Promise<void> {
    return this.scans.stop(actorName(actor), repository, ScanTypeBody.kindOf(body), reference);
  }

  @Get(':report_id/log')
  @Header('Content-Type', 'text/plain; charset=utf-8')
  @Authorize('scan:read')
  @Operation('getReportLog', 'What happened during the scan, line by line; of several scans one after the other.')
  @ReturnsText()
  @Fails(400)
  getReportLog(
    @AtRepository() repository: RepositoryAddress,
    @AtReference() reference: Reference,
    @Param('report_id') reportId: string,
  ): Promise<string> {
    return this.log.read(repository, reference, reportId);
  }
}
