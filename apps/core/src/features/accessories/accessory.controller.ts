import { accessoryFields, ArtifactService, type RepositoryAddress } from '@breakwater/catalog';
import { ListQuery } from '@breakwater/http';
import type { Reference } from '@breakwater/oci';
import { Get, Query } from '@nestjs/common';
import { Authorize } from '../../access/authorize.decorator.js';
import { CatalogListRequest } from '../../rest/list-request.js';
import type { Listed } from '../../rest/listed.js';
import { ApiController, Fails, Operation, ReturnsPage } from '../../rest/operation.decorator.js';
import { AtReference } from '../artifacts/at-reference.js';
import { AtRepository } from '../repositories/in-repository.js';
import { AccessoryResponse } from './accessory.dto.js';

const ORDER = { byDefault: 'accessory.id', tieBreaker: 'accessory.id' };

@ApiController('projects/:project_name/repositories/:repository_name/artifacts/:reference/accessories', 'artifact')
export class AccessoryController {
  constructor(private readonly artifacts: ArtifactService) {}

  @Get()
  @Authorize('accessory:list')
  @Operation('listAccessories', 'What is attached to the artifact: signatures, SBOMs, …; the oldest first.')
  @ReturnsPage(AccessoryResponse, { isFilterable: true })
  @Fails(400)
  async listAccessories(
    @AtRepository() repository: RepositoryAddress,
    @AtReference() reference: Reference,
    @Query() query: ListQuery,
  ): Promise<Listed<AccessoryResponse>> {
    const { request, page } = new CatalogListRequest(query, accessoryFields, ORDER);
    const { items, total } = await this.artifacts.listAccessories(repository, reference, request);
    return { items: items.map((accessory) => AccessoryResponse.of(accessory)), total, page };
  }
}
