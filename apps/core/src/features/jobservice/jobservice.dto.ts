import { harborTime, omitEmpty } from '@breakwater/http';
import type { JobQueue, PoolWorker, WorkerPool } from '@breakwater/jobs';
import { ApiProperty } from '@nestjs/swagger';
import { IsIn } from 'class-validator';
import { BooleanField, IntegerField, TextField, TimeField } from '../../rest/fields.decorator.js';

/** A process that runs tasks. */
export class WorkerPoolResponse {
  @IntegerField() pid?: number;
  @TextField() worker_pool_id?: string;
  @TimeField() start_at?: string;
  @TimeField() heartbeat_at?: string;
  @IntegerField({ description: 'Tasks that it runs at once.' }) concurrency?: number;
  @TextField() host?: string;

  static of(pool: WorkerPool): WorkerPoolResponse {
    return omitEmpty<WorkerPoolResponse>({
      pid: pool.pid,
      worker_pool_id: pool.id,
      start_at: harborTime(pool.startedAt),
      heartbeat_at: harborTime(pool.heartbeatAt),
      concurrency: pool.concurrency,
      host: pool.host,
    });
  }
}

/** A slot of a pool; a free one has no job. */
export class WorkerResponse {
  @TextField() id?: string;
  @TextField() pool_id?: string;
  @TextField({ description: 'The type of its job.' }) job_name?: string;
  @TextField({ description: 'The id of its task.' }) job_id?: string;
  @TimeField({ isNullable: true }) start_at?: string;
  @TextField({ description: 'What the job told last: how much is done, of how much.' }) check_in?: string;
  @TimeField({ isNullable: true }) checkin_at?: string;

  static of({ id, poolId, task }: PoolWorker): WorkerResponse {
    if (task === null) return { id, pool_id: poolId };
    const { progress } = task;
    return {
      id,
      pool_id: poolId,
      job_name: task.type,
      job_id: String(task.id),
      start_at: harborTime(task.startedAt),
      ...(progress !== null && {
        check_in: progress.total === 0 ? String(progress.done) : `${progress.done}/${progress.total}`,
        checkin_at: harborTime(progress.at),
      }),
    };
  }
}

export class JobQueueResponse {
  @TextField() job_type?: string;
  @IntegerField({ description: 'Jobs that wait.' }) count?: number;
  @IntegerField({ description: 'Seconds that the oldest of them waits.' }) latency?: number;
  @BooleanField() paused!: boolean;

  static of(queue: JobQueue): Partial<JobQueueResponse> {
    return omitEmpty<JobQueueResponse>(
      {
        job_type: queue.type,
        count: queue.waitingCount,
        latency: queue.latencySeconds,
        paused: queue.isPaused,
      },
      ['paused'],
    );
  }
}

const ACTIONS = ['stop', 'pause', 'resume'] as const;

export class QueueActionBody {
  @ApiProperty({ enum: ACTIONS, required: false })
  @IsIn(ACTIONS)
  action!: (typeof ACTIONS)[number];
}
