import { JobQueues, WorkerPools } from '@breakwater/jobs';
import { actorName, type Actor } from '@breakwater/rbac';
import { Body, Get, Header, Param, Put } from '@nestjs/common';
import { Authorize } from '../../access/authorize.decorator.js';
import { CurrentActor } from '../../access/request-access.js';
import {
  ApiController,
  Fails,
  Operation,
  ReturnsList,
  ReturnsNothing,
  ReturnsText,
} from '../../rest/operation.decorator.js';
import { JobDashboard } from './job-dashboard.service.js';
import { JobQueueResponse, QueueActionBody, WorkerPoolResponse, WorkerResponse } from './jobservice.dto.js';

@ApiController('jobservice', 'jobservice')
export class JobserviceController {
  constructor(
    private readonly dashboard: JobDashboard,
    private readonly pools: WorkerPools,
    private readonly queues: JobQueues,
  ) {}

  @Get('pools')
  @Authorize('jobservice-monitor:list')
  @Operation('getWorkerPools', 'The processes that run jobs.')
  @ReturnsList(WorkerPoolResponse)
  async getWorkerPools(): Promise<WorkerPoolResponse[]> {
    return (await this.pools.list()).map((pool) => WorkerPoolResponse.of(pool));
  }

  @Get('pools/:pool_id/workers')
  @Authorize('jobservice-monitor:list')
  @Operation('getWorkers', 'What the workers of a pool, or of `all`, are at.')
  @ReturnsList(WorkerResponse)
  @Fails(404)
  async getWorkers(@Param('pool_id') poolId: string): Promise<WorkerResponse[]> {
    const workers = await this.pools.workers(poolId === 'all' ? null : poolId);
    return workers.map((worker) => WorkerResponse.of(worker));
  }

  @Put('jobs/:job_id')
  @Authorize('jobservice-monitor:stop')
  @Operation('stopRunningJob', 'Stops a job, or `all` that run.')
  @ReturnsNothing()
  @Fails(404)
  stopRunningJob(@CurrentActor() actor: Actor, @Param('job_id') jobId: string): Promise<void> {
    return this.dashboard.stop(actorName(actor), jobId);
  }

  @Get('jobs/:job_id/log')
  @Authorize('jobservice-monitor:read')
  @Header('Content-Type', 'text/plain; charset=utf-8')
  @Operation('actionGetJobLog', 'What a job has logged.')
  @ReturnsText()
  @Fails(404)
  actionGetJobLog(@Param('job_id') jobId: string): Promise<string> {
    return this.dashboard.log(jobId);
  }

  @Get('queues')
  @Authorize('jobservice-monitor:list')
  @Operation('listJobQueues', 'How many jobs of each type wait, and for how long.')
  @ReturnsList(JobQueueResponse)
  @Fails(404)
  async listJobQueues(): Promise<Partial<JobQueueResponse>[]> {
    return (await this.queues.list()).map((queue) => JobQueueResponse.of(queue));
  }

  @Put('queues/:job_type')
  @Authorize('jobservice-monitor:stop')
  @Operation('actionPendingJobs', 'Stops the jobs of a type that wait, holds them back, or lets them go on.')
  @ReturnsNothing()
  @Fails(404)
  actionPendingJobs(
    @CurrentActor() actor: Actor,
    @Param('job_type') jobType: string,
    @Body() body: QueueActionBody,
  ): Promise<void> {
    return this.dashboard.act(actorName(actor), jobType, body.action);
  }
}
