export interface BackOffOptions {
  /** Pause before the second attempt; each further one is four times as long. */
  readonly firstMs: number;
  readonly longestMs: number;
}

/**
 * How long after a failed attempt the next one may begin. Up to a quarter less by chance, so that what failed together
 * does not come together again.
 *
 * @param attempt  the one that failed, from 1.
 * @param askedMs  what the target asked for (`Retry-After`); null: nothing. It lengthens the pause, up to an hour.
 * @param random  0 ≤ r < 1.
 */
export function backOffMs(attempt: number, askedMs: number | null, options: BackOffOptions, random: number): number {
  const { firstMs, longestMs } = options;
  const pause = Math.min(longestMs, firstMs * 4 ** Math.min(attempt - 1, 20));
  const jittered = pause * (1 - random / 4);
  return Math.round(Math.max(jittered, Math.min(askedMs ?? 0, LONGEST_ASKED_MS)));
}

/** `Retry-After`, in seconds or as a date. @returns milliseconds from now; null for none, or one that says nothing. */
export function readRetryAfter(header: string | undefined, now: Date): number | null {
  const text = header?.trim();
  if (!text) return null;
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  const at = Date.parse(text);
  return Number.isNaN(at) ? null : Math.max(0, at - now.getTime());
}

const LONGEST_ASKED_MS = 3_600_000;
