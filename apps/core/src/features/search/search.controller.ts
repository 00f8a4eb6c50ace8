import type { Actor } from '@breakwater/rbac';
import { Get, Query } from '@nestjs/common';
import { AllowAnyone } from '../../access/authorize.decorator.js';
import { CurrentActor } from '../../access/request-access.js';
import { ApiController, Operation, Returns } from '../../rest/operation.decorator.js';
import { SearchQuery, SearchResponse } from './search.dto.js';
import { SearchService } from './search.service.js';

@ApiController('search', 'search')
export class SearchController {
  constructor(private readonly search: SearchService) {}

  @Get()
  @AllowAnyone()
  @Operation('search', 'Projects and repositories by a part of their name, at most 1,000 of each.')
  @Returns(SearchResponse)
  find(@CurrentActor() actor: Actor, @Query() { q }: SearchQuery): Promise<SearchResponse> {
    return this.search.find(actor, q);
  }
}
