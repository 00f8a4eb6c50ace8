import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';

/** Fields that every log line of one piece of work carries, e.g. `{ requestId }` or `{ taskId }`. */
export type LogContext = Readonly<Record<string, string | number>>;

const storage = new AsyncLocalStorage<LogContext>();

/** Runs `work`, and all that it awaits, in this context; contexts nest. */
export function runInContext<T>(context: LogContext, work: () => T): T {
  return storage.run({ ...storage.getStore(), ...context }, work);
}

export function currentContext(): LogContext {
  return storage.getStore() ?? {};
}

/** Undefined outside of a request. */
export function currentRequestId(): string | undefined {
  const { requestId } = currentContext();
  return requestId === undefined ? undefined : String(requestId);
}

/**
 * The id of a request: the caller's `X-Request-Id` if it is harmless, so that a request can be followed through
 * proxies; a new one otherwise.
 */
export function requestIdFrom(header: string | readonly string[] | undefined): string {
  const [given] = [header ?? []].flat();
  return given !== undefined && HARMLESS.test(given) ? given : randomUUID();
}

const HARMLESS = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$/;
