import { setTimeout as delay } from 'node:timers/promises';

/** Time, for waits that tests do not want to wait for. */
export interface Clock {
  /** Milliseconds since any fixed moment; never goes back. */
  monotonicMs(): number;
  /** @throws the signal's reason when it aborts. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  /** 0 ≤ n < 1. */
  random(): number;
}

export const systemClock: Clock = {
  monotonicMs: () => performance.now(),
  sleep: async (ms, signal) => {
    try {
      await delay(ms, undefined, { signal });
    } catch {
      throw signal.reason;
    }
  },
  random: Math.random,
};
