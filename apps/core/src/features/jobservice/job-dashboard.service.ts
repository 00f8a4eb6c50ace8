import { isQueueType, JobQueues, JobReader, JobService, TaskNotFoundError, type QueueType } from '@breakwater/jobs';
import { Injectable } from '@nestjs/common';
import type { QueueActionBody } from './jobservice.dto.js';

/**
 * What administrators do to jobs, whoever set them going. What is not known is nothing to be done, as in Harbor. `by` is
 * the name of the principal.
 */
@Injectable()
export class JobDashboard {
  constructor(
    private readonly jobs: JobService,
    private readonly reader: JobReader,
    private readonly queues: JobQueues,
  ) {}

  /** @param jobId  of a task; `all` stops everything that runs. */
  async stop(by: string, jobId: string): Promise<void> {
    if (jobId === 'all') return this.jobs.stopAllRunning(by);
    const taskId = findTaskId(jobId);
    if (taskId === null) return;
    await this.jobs.stopTask(taskId, by).catch((error: unknown) => {
      if (!(error instanceof TaskNotFoundError)) throw error;
    });
  }

  /** @throws TaskNotFoundError */
  async log(jobId: string): Promise<string> {
    const taskId = findTaskId(jobId);
    const log = taskId === null ? null : await this.reader.findLog(taskId);
    if (log === null) throw new TaskNotFoundError(jobId);
    return log;
  }

  /** @param jobType  in whatever case; or `all`. */
  async act(by: string, jobType: string, action: QueueActionBody['action']): Promise<void> {
    const type = findQueue(jobType);
    if (type === null) return;
    if (action === 'stop') await this.jobs.stopWaiting(by, type);
    else if (action === 'pause') await this.queues.pause(by, type);
    else await this.queues.resume(by, type);
  }
}

function findTaskId(jobId: string): number | null {
  return /^[1-9][0-9]{0,14}$/.test(jobId) ? Number(jobId) : null;
}

function findQueue(jobType: string): QueueType | 'all' | null {
  const type = jobType.toUpperCase();
  if (type === 'ALL') return 'all';
  return isQueueType(type) ? type : null;
}
