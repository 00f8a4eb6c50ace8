/** How a time that never was is written. */
export const ZERO_TIME = '0001-01-01T00:00:00.000Z';

/** `2026-08-21T05:58:10.123Z`: UTC, always three decimals. Null is the zero time: Harbor never leaves a time out. */
export function harborTime(date: Date | null): string {
  return date === null ? ZERO_TIME : date.toISOString();
}

/**
 * An object as Harbor prints it: without properties that are null, undefined, false, zero or empty (text, list, map).
 *
 * @param alwaysPrinted  the ones that the schema marks as required or `x-omitempty: false`; undefined is dropped even so.
 */
export function omitEmpty<T extends object>(object: T, alwaysPrinted: readonly (keyof T & string)[] = []): Partial<T> {
  const kept = Object.entries(object).filter(
    ([key, value]) => !isEmpty(value) || (value !== undefined && (alwaysPrinted as readonly string[]).includes(key)),
  );
  return Object.fromEntries(kept) as Partial<T>;
}

function isEmpty(value: unknown): boolean {
  if (value === null || value === undefined || value === false || value === 0 || value === 0n || value === '')
    return true;
  if (Array.isArray(value)) return value.length === 0;
  return isPlainObject(value) && Object.keys(value).length === 0;
}

function isPlainObject(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
