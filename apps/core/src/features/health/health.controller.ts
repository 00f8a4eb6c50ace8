import { HealthChecks } from '@breakwater/observability';
import { Get } from '@nestjs/common';
import { Open } from '../../access/authorize.decorator.js';
import { ApiController, Operation, Returns } from '../../rest/operation.decorator.js';
import { HealthResponse } from './health.dto.js';

@ApiController('health', 'health')
export class HealthController {
  constructor(private readonly health: HealthChecks) {}

  @Get()
  @Open()
  @Operation('getHealth', 'How the parts of the installation are, as of a few seconds ago. Always 200: read the body.')
  @Returns(HealthResponse)
  getHealth(): HealthResponse {
    return HealthResponse.of(this.health.readiness().checks);
  }
}
