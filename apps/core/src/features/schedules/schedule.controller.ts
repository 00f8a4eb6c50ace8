import { pageOf, PageQuery } from '@breakwater/http';
import { JobQueues, SCHEDULER_QUEUE, ScheduleService } from '@breakwater/jobs';
import { Get, Param, Query } from '@nestjs/common';
import { Authorize, SignedIn } from '../../access/authorize.decorator.js';
import type { Listed } from '../../rest/listed.js';
import { ApiController, Fails, Operation, Returns, ReturnsPage } from '../../rest/operation.decorator.js';
import { ScheduleTaskResponse, SchedulerStatusResponse } from './schedule.dto.js';
import { NotAllSchedulesError } from './schedule.errors.js';

@ApiController('schedules', 'schedule')
export class ScheduleController {
  constructor(
    private readonly schedules: ScheduleService,
    private readonly queues: JobQueues,
  ) {}

  @Get()
  @Authorize('jobservice-monitor:list')
  @Operation('listSchedules', 'What is set going again and again, and when.')
  @ReturnsPage(ScheduleTaskResponse)
  @Fails(400, 404)
  async listSchedules(@Query() query: PageQuery): Promise<Listed<ScheduleTaskResponse>> {
    const page = pageOf(query);
    const { items, total } = await this.schedules.list(page);
    return { items: items.map((schedule) => ScheduleTaskResponse.of(schedule)), total, page };
  }

  @Get(':job_type/paused')
  @SignedIn()
  @Operation('getSchedulePaused', 'Whether schedules are held back; `job_type` is `all`.')
  @Returns(SchedulerStatusResponse)
  @Fails(400, 403, 404)
  async getSchedulePaused(@Param('job_type') jobType: string): Promise<SchedulerStatusResponse> {
    if (jobType.toLowerCase() !== 'all') throw new NotAllSchedulesError(jobType);
    return { paused: await this.queues.isPaused(SCHEDULER_QUEUE) };
  }
}
