import { parseTasksWaiting, StopRequested, WorkWaiting } from '@breakwater/contracts';
import type { MessageBus } from '@breakwater/messaging';
import type { JobNotifier } from '../ports.js';
import type { Scheduler } from '../schedules/scheduler.js';
import type { Worker } from '../worker/worker.js';

/** For `createJobs`: tells workers, wherever they are, over the bus. */
export function jobNotifier(bus: Pick<MessageBus, 'notify'>): JobNotifier {
  return {
    stopRequested: (taskIds) => bus.notify(StopRequested, { taskIds: [...taskIds] }),
    workWaiting: () => bus.notify(WorkWaiting, {}),
  };
}

/**
 * Wakes a worker and a scheduler when there is something to do. A message on `jobs.>` reaches one worker of all; one
 * that tells of more than it could begin alone is passed on to the others.
 *
 * @returns ends it.
 */
export function wakeByMessages(
  bus: Pick<MessageBus, 'onNotice' | 'onUp' | 'consume' | 'notify'>,
  { worker, scheduler }: { readonly worker: Worker; readonly scheduler: Scheduler },
): () => Promise<void> {
  const listening = [
    bus.onNotice(StopRequested, ({ taskIds }) => worker.stopRequested(taskIds)),
    bus.onNotice(WorkWaiting, () => {
      worker.wake();
      scheduler.wake();
    }),
    bus.onUp(() => worker.wake()),
  ];
  const consumer = bus.consume({
    stream: 'jobs',
    durable: 'jobservice',
    concurrency: MESSAGES_AT_ONCE,
    handle: async ({ subject, data }) => {
      const { count } = parseTasksWaiting(subject, data);
      worker.wake();
      if (count > worker.freeSlots) bus.notify(WorkWaiting, {});
    },
  });
  return async () => {
    for (const stop of listening) stop();
    await consumer.stop();
  };
}

const MESSAGES_AT_ONCE = 100;
