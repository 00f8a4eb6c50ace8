import { setTimeout as delay } from 'node:timers/promises';

/**
 * Tries an assertion again until it holds: for what happens in another process, of which nobody tells us.
 * Fails with the last failure once `timeoutMs` is over.
 */
export async function eventually<T>(assertion: () => T | Promise<T>, timeoutMs = 10_000): Promise<T> {
  for (const deadline = Date.now() + timeoutMs; ; await delay(PAUSE_MS)) {
    try {
      return await assertion();
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
  }
}

const PAUSE_MS = 20;
