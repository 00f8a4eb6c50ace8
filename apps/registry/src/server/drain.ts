import type { Server } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

/** How often connections that have become idle are looked for while the rest finish. */
const SWEEP_MS = 50;
/** What was cut off gets this long to let go of what it held: claims on uploads, file handles. */
const LETTING_GO_MS = 2_000;

/**
 * Ends a server: accepts nothing new, lets requests in flight finish for up to `graceMs`, then cuts them off.
 *
 * @param pending  requests whose handler has not ended.
 * @returns how many requests had to be cut off.
 */
export async function drain(server: Server, graceMs: number, pending: () => number): Promise<number> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  const sweeping = setInterval(() => server.closeIdleConnections(), SWEEP_MS);
  await within(closed, graceMs);
  clearInterval(sweeping);
  const cutOff = pending();
  server.closeAllConnections();
  await within(
    until(() => pending() === 0),
    LETTING_GO_MS,
  );
  return cutOff;
}

async function within(work: Promise<void>, ms: number): Promise<void> {
  const { promise: late, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  await Promise.race([work, late]);
  clearTimeout(timer);
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await delay(POLL_MS);
}

const POLL_MS = 10;
