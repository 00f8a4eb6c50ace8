import { eventToTell, JobStopAskedV1, QueuePausedV1, QueueResumedV1 } from '@breakwater/contracts';
import type { Outbox, Transaction } from '@breakwater/database';
import type { QueueType } from './job-types.js';

/** Tells what administrators do to jobs and queues. */
export class JobNews {
  constructor(private readonly outbox: Outbox) {}

  taskStopAsked(tx: Transaction, by: string, taskId: number): Promise<void> {
    return this.stopAsked(tx, by, { scope: 'task', taskId, jobType: null });
  }

  runningStopAsked(tx: Transaction, by: string): Promise<void> {
    return this.stopAsked(tx, by, { scope: 'running', taskId: null, jobType: null });
  }

  waitingStopAsked(tx: Transaction, by: string, type: QueueType | 'all'): Promise<void> {
    return this.stopAsked(tx, by, { scope: 'waiting', taskId: null, jobType: jobTypeOf(type) });
  }

  queueSet(tx: Transaction, by: string, type: QueueType | 'all', isPaused: boolean): Promise<void> {
    const event = isPaused ? QueuePausedV1 : QueueResumedV1;
    return this.outbox.add(tx, eventToTell(event, KEY, { jobType: jobTypeOf(type), ...told(by) }));
  }

  private stopAsked(
    tx: Transaction,
    by: string,
    what: Pick<JobStopAskedV1, 'scope' | 'taskId' | 'jobType'>,
  ): Promise<void> {
    return this.outbox.add(tx, eventToTell(JobStopAskedV1, KEY, { ...what, ...told(by) }));
  }
}

const KEY = 'job-control';

function jobTypeOf(type: QueueType | 'all'): string | null {
  return type === 'all' ? null : type;
}

function told(by: string) {
  return { by, at: new Date().toISOString() };
}
