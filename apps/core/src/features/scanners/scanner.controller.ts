import { ListQuery } from '@breakwater/http';
import { actorName, type Actor } from '@breakwater/rbac';
import { AdapterDirectory, registrationFields, RegistrationService } from '@breakwater/scanning';
import { Body, Delete, Get, HttpCode, Param, Patch, Post, Put, Query } from '@nestjs/common';
import { Authorize } from '../../access/authorize.decorator.js';
import { CurrentActor } from '../../access/request-access.js';
import { CatalogListRequest } from '../../rest/list-request.js';
import type { Listed } from '../../rest/listed.js';
import {
  ApiController,
  Fails,
  Operation,
  Returns,
  ReturnsCreated,
  ReturnsNothing,
  ReturnsPage,
} from '../../rest/operation.decorator.js';
import { RegistrationViews } from './registration-views.js';
import {
  IsDefault,
  ScannerAdapterMetadataResponse,
  ScannerRegistrationReq,
  ScannerRegistrationResponse,
  ScannerRegistrationSettings,
} from './scanner.dto.js';

export const SCANNER_ORDER = {
  byDefault: 'registration.is_default DESC, registration.name',
  tieBreaker: 'registration.id',
};

/** Scanners of the installation: registered here, chosen by projects. */
@ApiController('scanners', 'scanner')
export class ScannerController {
  constructor(
    private readonly registrations: RegistrationService,
    private readonly adapters: AdapterDirectory,
    private readonly views: RegistrationViews,
  ) {}

  @Get()
  @Authorize('scanner:list')
  @Operation('listScanners', 'All scanners, the default first.')
  @ReturnsPage(ScannerRegistrationResponse, { isFilterable: true })
  @Fails(400)
  async listScanners(@Query() query: ListQuery): Promise<Listed<Partial<ScannerRegistrationResponse>>> {
    const { request, page } = new CatalogListRequest(query, registrationFields, SCANNER_ORDER);
    const { items, total } = await this.registrations.list(request);
    return { items: await this.views.ofAll(items), total, page };
  }

  @Post()
  @HttpCode(201)
  @Authorize('scanner:create')
  @Operation('createScanner', 'Registers an adapter that answers; the first one becomes the default.')
  @ReturnsCreated<string>()
  @Fails(400, 409)
  createScanner(@CurrentActor() actor: Actor, @Body() body: ScannerRegistrationReq): Promise<string> {
    return this.registrations.create(actorName(actor), body.toRegistration());
  }

  @Post('ping')
  @HttpCode(200)
  @Authorize('scanner:read')
  @Operation('pingScanner', 'Whether an adapter answers there as one must; nothing is stored.')
  @ReturnsNothing()
  @Fails(400)
  pingScanner(@Body() body: ScannerRegistrationSettings): Promise<void> {
    return this.registrations.ping(body.toEndpoint());
  }

  @Get(':registration_id')
  @Authorize('scanner:read')
  @Operation('getScanner', 'One scanner.')
  @Returns(ScannerRegistrationResponse)
  @Fails(404)
  async getScanner(@Param('registration_id') uuid: string): Promise<Partial<ScannerRegistrationResponse>> {
    return this.views.of(await this.registrations.get(uuid));
  }

  @Put(':registration_id')
  @Authorize('scanner:update')
  @Operation('updateScanner', 'Replaces what is registered. Without a credential the stored one stays.')
  @ReturnsNothing()
  @Fails(400, 404, 409, 412)
  updateScanner(
    @CurrentActor() actor: Actor,
    @Param('registration_id') uuid: string,
    @Body() body: ScannerRegistrationReq,
  ): Promise<void> {
    return this.registrations.update(actorName(actor), uuid, body.toRegistration());
  }

  @Delete(':registration_id')
  @Authorize('scanner:delete')
  @Operation('deleteScanner', 'Removes a scanner; projects that chose it use the default.')
  @Returns(ScannerRegistrationResponse)
  @Fails(404)
  async deleteScanner(
    @CurrentActor() actor: Actor,
    @Param('registration_id') uuid: string,
  ): Promise<Partial<ScannerRegistrationResponse>> {
    return ScannerRegistrationResponse.of(await this.registrations.delete(actorName(actor), uuid), {
      capabilities: null,
    });
  }

  @Patch(':registration_id')
  @Authorize('scanner:update')
  @Operation('setScannerAsDefault', 'Makes it what projects use that have not chosen; `false` changes nothing.')
  @ReturnsNothing()
  @Fails(404, 412)
  async setScannerAsDefault(
    @CurrentActor() actor: Actor,
    @Param('registration_id') uuid: string,
    @Body() body: IsDefault,
  ): Promise<void> {
    if (body.is_default === true) await this.registrations.makeDefault(actorName(actor), uuid);
    else await this.registrations.get(uuid);
  }

  @Get(':registration_id/metadata')
  @Authorize('scanner:read')
  @Operation('getScannerMetadata', 'What the adapter says of itself, at most 30 s old.')
  @Returns(ScannerAdapterMetadataResponse)
  @Fails(400, 404)
  async getScannerMetadata(@Param('registration_id') uuid: string): Promise<ScannerAdapterMetadataResponse> {
    const metadata = await this.adapters.metadata(await this.registrations.get(uuid));
    return ScannerAdapterMetadataResponse.of(metadata);
  }
}
