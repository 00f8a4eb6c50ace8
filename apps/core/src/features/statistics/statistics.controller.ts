import type { Actor } from '@breakwater/rbac';
import { Get } from '@nestjs/common';
import { SignedIn } from '../../access/authorize.decorator.js';
import { CurrentActor } from '../../access/request-access.js';
import { ApiController, Operation, Returns } from '../../rest/operation.decorator.js';
import { StatisticsResponse } from './statistics.dto.js';
import { StatisticsService } from './statistics.service.js';

@ApiController('statistics', 'statistic')
export class StatisticsController {
  constructor(private readonly statistics: StatisticsService) {}

  @Get()
  @SignedIn()
  @Operation('getStatistic', 'How many projects and repositories there are, as far as the caller can see them.')
  @Returns(StatisticsResponse)
  getStatistic(@CurrentActor() actor: Actor): Promise<StatisticsResponse> {
    return this.statistics.of(actor);
  }
}
