import { ScanAllService } from '@breakwater/scanning';
import { Get } from '@nestjs/common';
import { Authorize } from '../../access/authorize.decorator.js';
import { ApiController, Fails, Operation, Returns } from '../../rest/operation.decorator.js';
import { ScanAllStatsResponse } from './scan-all.dto.js';

@ApiController('scans', 'scanAll')
export class ScanMetricsController {
  constructor(private readonly scanAll: ScanAllService) {}

  @Get('all/metrics')
  @Authorize('scan-all:read')
  @Operation('getLatestScanAllMetrics', 'How far the last scan of everything is.')
  @Returns(ScanAllStatsResponse)
  @Fails(412)
  async getLatestScanAllMetrics(): Promise<ScanAllStatsResponse> {
    return ScanAllStatsResponse.of(await this.scanAll.metrics());
  }

  @Get('schedule/metrics')
  @Authorize('scan-all:read')
  @Operation('getLatestScheduledScanAllMetrics', 'The same, where the last one was planned.')
  @Returns(ScanAllStatsResponse)
  @Fails(412)
  async getLatestScheduledScanAllMetrics(): Promise<ScanAllStatsResponse> {
    const metrics = await this.scanAll.metrics();
    return ScanAllStatsResponse.of(metrics?.trigger === 'Schedule' ? metrics : null);
  }
}
