import type { Clock } from './clock.js';

/**
 * When to ask again for a report. What the adapter asks for counts, within 1 to 60 s. An adapter that says nothing
 * (Trivy's) is asked soon at first, for small artifacts are done in a moment, and then ever later, to every 5 s.
 *
 * @param asked  how often it was asked before.
 * @param hintSeconds  null: it did not say.
 */
export function pollDelayMs(asked: number, hintSeconds: number | null, clock: Pick<Clock, 'random'>): number {
  if (hintSeconds !== null) {
    const seconds = Math.min(MOST_HINT_SECONDS, Math.max(LEAST_HINT_SECONDS, hintSeconds));
    // Never earlier than asked for.
    return seconds * 1000 * (1 + clock.random() / 10);
  }
  return jittered(Math.min(5000, 250 * 1.6 ** asked), clock);
}

/** How long to wait before another attempt: 1 s, 2 s, 4 s …, or what the adapter asked for, to 60 s. */
export function retryDelayMs(failures: number, hintSeconds: number | null, clock: Pick<Clock, 'random'>): number {
  if (hintSeconds !== null) return pollDelayMs(0, hintSeconds, clock);
  return jittered(Math.min(60_000, 1000 * 2 ** (failures - 1)), clock);
}

/**
 * Seconds of a `Refresh-After` (the specification's word) or `Retry-After` (its README's, and HTTP's own): a number, or
 * a date.
 */
export function findHintSeconds(headers: Readonly<Record<string, string>>, now = Date.now()): number | null {
  const text = (headers['refresh-after'] ?? headers['retry-after'] ?? '').trim();
  if (/^\d{1,9}(?:\.\d+)?$/.test(text)) return Number(text);
  const date = /[a-z]{3}/i.test(text) ? Date.parse(text) : NaN;
  return Number.isNaN(date) ? null : Math.max(0, (date - now) / 1000);
}

const LEAST_HINT_SECONDS = 1;
const MOST_HINT_SECONDS = 60;

/** Replicas that failed together do not come again together. */
function jittered(ms: number, clock: Pick<Clock, 'random'>): number {
  return ms * (0.75 + clock.random() / 2);
}
