import type { JsonObject } from './reading.js';
import { cleanText } from './text.js';

/**
 * A part of a document that may be anything (`vendor_attributes`), cleaned and bounded, so that whoever stores or
 * prints it later neither overflows a stack nor a column.
 *
 * @returns null when it is nested deeper than 16 or has more than 10,000 values.
 */
export function boundedObject(value: JsonObject): JsonObject | null {
  const budget = { values: MOST_VALUES };
  const copied = copy(value, MOST_DEPTH, budget);
  return budget.values < 0 ? null : (copied as JsonObject);
}

const MOST_DEPTH = 16;
const MOST_VALUES = 10_000;

function copy(value: unknown, depth: number, budget: { values: number }): unknown {
  if (depth < 0) budget.values = -1;
  if (--budget.values < 0) return null;
  if (typeof value === 'string') return cleanText(value);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => copy(item, depth - 1, budget));
  // fromEntries defines properties, so that a key `__proto__` stays data.
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [cleanText(key), copy(item, depth - 1, budget)] as const),
  );
}
