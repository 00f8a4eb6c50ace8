import { OutboxFilled } from '@breakwater/contracts';
import type { MessageBus } from './message-bus.js';

/**
 * For `new Outbox(wake)`: wakes the relay, wherever it runs. Many transactions that commit together send one notice,
 * at most `quietMs` later.
 */
export function outboxWaker(bus: Pick<MessageBus, 'notify'>, quietMs = 5): () => void {
  let timer: NodeJS.Timeout | null = null;
  return () => {
    timer ??= setTimeout(() => {
      timer = null;
      bus.notify(OutboxFilled, {});
    }, quietMs).unref();
  };
}
