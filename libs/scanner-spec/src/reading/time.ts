import type { JsonObject, Reading } from './reading.js';

/** A moment as RFC 3339 in UTC; null, with its fault, when there is none that can be read. */
export function parseTime(reading: Reading, from: JsonObject, base: string, key: string): string | null {
  const text = reading.text(from, base, key, { isRequired: true, maxLength: 64 });
  if (text === null) return null;
  const date = RFC_3339.test(text) ? new Date(text) : new Date(NaN);
  if (Number.isNaN(date.getTime())) {
    reading.note(base + key, 'invalid', 'is no time in RFC 3339');
    return null;
  }
  return date.toISOString();
}

const RFC_3339 = /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:[Zz]|[+-]\d{2}:\d{2})$/;
