import type { RepositoryAddress } from '@breakwater/catalog';
import type { Reference } from '@breakwater/oci';
import { VulnerabilityAddition } from '@breakwater/scanning';
import { Get, StreamableFile } from '@nestjs/common';
import { Readable } from 'node:stream';
import { Authorize } from '../../access/authorize.decorator.js';
import {
  AddedOperation,
  ApiController,
  Fails,
  Operation,
  Returns,
  ReturnsText,
  TakesHeader,
} from '../../rest/operation.decorator.js';
import { AcceptedReports } from '../artifacts/accepted-reports.js';
import { ACCEPTS_REPORTS } from '../artifacts/artifact.controller.js';
import { AtReference } from '../artifacts/at-reference.js';
import { AtRepository } from '../repositories/in-repository.js';
import { VulnerabilityChangesResponse } from './scan.dto.js';

@ApiController(
  'projects/:project_name/repositories/:repository_name/artifacts/:reference/additions/vulnerabilities',
  'artifact',
)
export class VulnerabilitiesController {
  constructor(private readonly vulnerabilities: VulnerabilityAddition) {}

  @Get()
  @Authorize('artifact-addition:read')
  @Operation('getVulnerabilitiesAddition', 'What scanners found, by media type of the report; the worst first.')
  @TakesHeader(...ACCEPTS_REPORTS)
  @ReturnsText()
  @Fails(400)
  async getVulnerabilitiesAddition(
    @AtRepository() repository: RepositoryAddress,
    @AtReference() reference: Reference,
    @AcceptedReports() accepted: readonly string[],
  ): Promise<StreamableFile> {
    const pieces = await this.vulnerabilities.read(repository, reference, accepted);
    return new StreamableFile(Readable.from(pieces, { objectMode: false }), {
      type: 'application/json; charset=utf-8',
    });
  }

  @Get('changes')
  @Authorize('artifact-addition:read')
  @AddedOperation('getVulnerabilityChanges', 'What the last report has that the one before had not, and the reverse.')
  @Returns(VulnerabilityChangesResponse)
  getVulnerabilityChanges(
    @AtRepository() repository: RepositoryAddress,
    @AtReference() reference: Reference,
  ): Promise<VulnerabilityChangesResponse> {
    return this.vulnerabilities.changes(repository, reference) as Promise<VulnerabilityChangesResponse>;
  }
}
