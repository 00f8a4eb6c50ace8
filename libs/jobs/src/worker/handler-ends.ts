/**
 * Rejects some time after the signal was aborted: a handler that does not end when it is told to is left behind, and its
 * slot serves others.
 */
export function abandoned(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const abandon = (): void => void setTimeout(() => reject(signal.reason as Error), ABANDON_MS).unref();
    signal.addEventListener('abort', abandon, { once: true });
  });
}

const ABANDON_MS = 30_000;

/** @returns whether all of them, later ones included, have settled in time. */
export async function settledWithin(flights: ReadonlySet<Promise<void>>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const timeIsUp = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  const all = async (): Promise<boolean> => {
    while (flights.size > 0) await Promise.all(flights);
    return true;
  };
  try {
    return await Promise.race([all(), timeIsUp]);
  } finally {
    clearTimeout(timer);
  }
}
