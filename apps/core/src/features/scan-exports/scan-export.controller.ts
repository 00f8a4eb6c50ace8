import { ForbiddenError, type Actor } from '@breakwater/rbac';
import { ExportNotFoundError, ScanDataExports, type ExportOwner } from '@breakwater/scanning';
import { Body, Get, Headers, HttpCode, Param, Post, StreamableFile } from '@nestjs/common';
import { ApiHeader, ApiProduces, ApiQuery, ApiResponse } from '@nestjs/swagger';
import { Readable } from 'node:stream';
import { AccessDecisions } from '../../access/access-decisions.js';
import { SignedIn } from '../../access/authorize.decorator.js';
import { CurrentActor } from '../../access/request-access.js';
import { ApiController, Fails, Operation, Returns } from '../../rest/operation.decorator.js';
import { newExportOf, requireDataType } from './export-request.js';
import {
  ScanDataExportExecutionListResponse,
  ScanDataExportExecutionResponse,
  ScanDataExportJobResponse,
  ScanDataExportRequest,
} from './scan-export.dto.js';

/** Findings of a project as a CSV file: a job writes it, and who asked for it fetches it once. */
@ApiController('export/cve', 'scan data export')
export class ScanExportController {
  constructor(
    private readonly exports: ScanDataExports,
    private readonly decisions: AccessDecisions,
  ) {}

  @Post()
  @HttpCode(200)
  @SignedIn()
  @Operation('exportScanData', 'Begins to write the findings of one project to a file.')
  @ApiHeader({
    name: 'X-Scan-Data-Type',
    required: true,
    description: '`application/vnd.security.vulnerability.report; version=1.1`',
    schema: { type: 'string' },
  })
  @Returns(ScanDataExportJobResponse)
  @Fails(400, 403, 404)
  async exportScanData(
    @CurrentActor() actor: Actor,
    @Headers('x-scan-data-type') dataType: string | undefined,
    @Body() body: ScanDataExportRequest,
  ): Promise<ScanDataExportJobResponse> {
    requireDataType(dataType);
    const asked = newExportOf(body);
    await this.decisions.onProject(actor, 'export-cve:create', { by: 'id', id: asked.projectId });
    return { id: await this.exports.create(ownerOf(actor), asked) };
  }

  @Get('executions')
  @SignedIn()
  @Operation('getScanDataExportExecutionList', "The caller's own exports, the newest first.")
  @Returns(ScanDataExportExecutionListResponse)
  @Fails(403, 404)
  async getScanDataExportExecutionList(@CurrentActor() actor: Actor): Promise<ScanDataExportExecutionListResponse> {
    const exports = await this.exports.list(ownerOf(actor).accountId);
    return { items: exports.map((each) => ScanDataExportExecutionResponse.of(each)) };
  }

  @Get('execution/:execution_id')
  @SignedIn()
  @Operation('getScanDataExportExecution', "One of the caller's own exports.")
  @Returns(ScanDataExportExecutionResponse)
  @Fails(403, 404)
  async getScanDataExportExecution(
    @CurrentActor() actor: Actor,
    @Param('execution_id') executionId: number,
  ): Promise<ScanDataExportExecutionResponse> {
    return ScanDataExportExecutionResponse.of(await this.exports.get(ownerOf(actor).accountId, executionId));
  }

  @Get('download/:execution_id')
  @SignedIn()
  @Operation('downloadScanData', 'The file, once: with its last byte it is gone.')
  @ApiQuery({ name: 'format', required: false, description: 'There is one: `csv`.', schema: { type: 'string' } })
  @ApiProduces('text/csv')
  @ApiResponse({
    status: 200,
    description: 'The file.',
    headers: { 'Content-Disposition': { description: 'Its name.', schema: { type: 'string' } } },
    schema: { type: 'string', format: 'binary' },
  })
  @Fails(403, 404)
  async downloadScanData(
    @CurrentActor() actor: Actor,
    @Param('execution_id') executionId: number,
  ): Promise<StreamableFile> {
    const found = await this.exports.get(ownerOf(actor).accountId, executionId);
    // Who was put out of the project meanwhile does not take its findings along.
    await this.decisions.onProject(actor, 'export-cve:read', { by: 'id', id: found.projectId });
    if (found.sizeBytes === 0) throw new ExportNotFoundError(executionId);
    return new StreamableFile(Readable.from(await begun(this.exports.download(found)), { objectMode: false }), {
      type: 'text/csv',
      disposition: `attachment; filename="scandata_export_${executionId}.csv"`,
      length: found.sizeBytes,
    });
  }
}

/** The same pieces, with the first at hand: what fails until then is still answered by its status. */
async function begun(pieces: AsyncGenerator<Buffer>): Promise<AsyncGenerator<Buffer>> {
  const first = await pieces.next();
  return (async function* () {
    if (first.done !== true) yield first.value;
    yield* pieces;
  })();
}

/** @throws ForbiddenError  robots have no account that a file could be kept for. */
function ownerOf(actor: Actor): ExportOwner {
  if (actor.kind !== 'user') throw new ForbiddenError('only users have exports of their own');
  return { accountId: actor.accountId, name: actor.name };
}
