import { InvalidScanScheduleError, ScanAllService } from '@breakwater/scanning';
import { actorName, type Actor } from '@breakwater/rbac';
import { Body, Get, HttpCode, Post, Put } from '@nestjs/common';
import { Authorize } from '../../access/authorize.decorator.js';
import { CurrentActor } from '../../access/request-access.js';
import {
  ApiController,
  Fails,
  Operation,
  Returns,
  ReturnsAccepted,
  ReturnsCreated,
  ReturnsNothing,
} from '../../rest/operation.decorator.js';
import { ScanAllScheduleBody } from './scan-all.dto.js';

@ApiController('system/scanAll', 'scanAll')
export class ScanAllController {
  constructor(private readonly scanAll: ScanAllService) {}

  @Get('schedule')
  @Authorize('scan-all:read')
  @Operation('getScanAllSchedule', 'When everything is scanned; an empty answer where nothing is planned.')
  @Returns(ScanAllScheduleBody)
  @Fails(412)
  async getScanAllSchedule(): Promise<ScanAllScheduleBody | undefined> {
    const schedule = await this.scanAll.findSchedule();
    return schedule === null ? undefined : ScanAllScheduleBody.of(schedule);
  }

  @Post('schedule')
  @Authorize('scan-all:create')
  @Operation('createScanAllSchedule', 'Scans everything now (`Manual`), or plans it.')
  @ReturnsCreated(() => '')
  @Fails(400, 409, 412)
  async createScanAllSchedule(@CurrentActor() actor: Actor, @Body() body: ScanAllScheduleBody): Promise<void> {
    const asked = body.toAsked();
    if (asked === 'now') return this.scanAll.start(actorName(actor));
    if (asked !== null) return this.scanAll.schedule(actorName(actor), asked);
    // Nothing to plan, as in Harbor.
    await this.scanAll.findSchedule();
  }

  @Put('schedule')
  @Authorize('scan-all:update')
  @Operation('updateScanAllSchedule', 'Plans it anew; `None` ends it.')
  @ReturnsNothing()
  @Fails(400, 412)
  async updateScanAllSchedule(@CurrentActor() actor: Actor, @Body() body: ScanAllScheduleBody): Promise<void> {
    const asked = body.toAsked();
    if (asked === 'now')
      throw new InvalidScanScheduleError('Manual is no plan: create a schedule of this type instead');
    await this.scanAll.reschedule(actorName(actor), asked);
  }

  @Post('stop')
  @HttpCode(202)
  @Authorize('scan-all:stop')
  @Operation('stopScanAll', 'Stops the scan of everything that runs.')
  @ReturnsAccepted()
  @Fails(400)
  stopScanAll(@CurrentActor() actor: Actor): Promise<void> {
    return this.scanAll.stop(actorName(actor));
  }
}
