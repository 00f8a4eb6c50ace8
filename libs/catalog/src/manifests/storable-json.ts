/** Deeper than any real config; PostgreSQL's own limit is its stack, and beyond it the whole push would fail. */
const MAX_DEPTH = 64;

/**
 * The JSON that a stranger wrote, such that a `jsonb` column takes it: PostgreSQL has no NUL and no half surrogate
 * pair in text, and JSON has no infinite number (`1e999`).
 *
 * @returns null where a value is nested too deeply to be kept.
 */
export function storableJson(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return storableText(value);
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value !== 'object' || value === null) return value;
  if (depth === MAX_DEPTH) return null;
  if (Array.isArray(value)) return value.map((item) => storableJson(item, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [storableText(key), storableJson(item, depth + 1)]),
  );
}

function storableText(text: string): string {
  return text.toWellFormed().replaceAll('\0', '');
}
