import { setTimeout as delay } from 'node:timers/promises';

/**
 * Tries an assertion again until it holds: for what happens in another process, of which nobody tells us.
 * Fails with the last failure once `timeoutMs` is over, which is long: it bounds a failure, and claims nothing.
 */
export async function eventually<T>(assertion: () => T | Promise<T>, timeoutMs = 60_000): Promise<T> {
  for (const deadline = Date.now() + timeoutMs; ; await delay(PAUSE_MS)) {
    try {
      return await assertion();
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
  }
}

/**
 * For what has to be known after so long: whatever is asked later than `withinMs` from now finds that it holds. An
 * earlier question may go either way, however late its answer comes, so a slow machine fails nothing.
 */
export async function holdsWithin(withinMs: number, holds: () => Promise<boolean>): Promise<void> {
  const sinceMs = performance.now();
  for (let askedAtMs = sinceMs; !(await holds()); askedAtMs = performance.now()) {
    if (askedAtMs - sinceMs > withinMs) throw new Error(`it does not hold after ${Math.round(askedAtMs - sinceMs)} ms`);
    await delay(PAUSE_MS);
  }
}

const PAUSE_MS = 20;
