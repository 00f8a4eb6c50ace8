/** How the text of a variable becomes a value. Durations become seconds, sizes become bytes. */
export type ValueType = 'string' | 'integer' | 'number' | 'boolean' | 'seconds' | 'bytes' | 'list';

export type ParsedValue = string | number | boolean | readonly string[];

/** Thrown by `parseValue`; the message completes "BREAKWATER_X …" and never repeats the value. */
export class UnparsableValueError extends Error {}

/**
 * @param text  not empty.
 * @throws UnparsableValueError
 */
export function parseValue(type: ValueType, text: string): ParsedValue {
  return PARSERS[type](text);
}

/** What a reader of the documentation may write. */
export const VALUE_SYNTAX: Readonly<Record<ValueType, string>> = {
  string: 'text',
  integer: 'whole number',
  number: 'number',
  boolean: '`true` or `false`',
  seconds: 'seconds, or `15m`, `24h`, `7d`',
  bytes: 'bytes, or `64KiB`, `512MiB`, `10GiB`',
  list: 'list, separated by commas',
};

const PARSERS: Readonly<Record<ValueType, (text: string) => ParsedValue>> = {
  string: (text) => text,
  integer: (text) => {
    if (!/^-?\d+$/.test(text)) throw new UnparsableValueError('must be a whole number');
    return safe(Number(text));
  },
  number: (text) => {
    if (!/^-?\d+(\.\d+)?$/.test(text)) throw new UnparsableValueError('must be a number');
    return Number(text);
  },
  boolean: (text) => {
    const value = BOOLEANS.get(text.toLowerCase());
    if (value === undefined) throw new UnparsableValueError('must be true or false');
    return value;
  },
  seconds: (text) => quantity(text, SECONDS, 'must be a number of seconds, or a duration like 15m, 24h or 7d'),
  bytes: (text) => quantity(text, BYTES, 'must be a number of bytes, or a size like 64KiB, 512MiB or 10GiB'),
  list: (text) =>
    text
      .split(',')
      .map((entry) => entry.trim())
      .filter((entry) => entry !== ''),
};

// Maps, not objects: an object would also know `constructor`.
const BOOLEANS = new Map([
  ['true', true],
  ['yes', true],
  ['on', true],
  ['1', true],
  ['false', false],
  ['no', false],
  ['off', false],
  ['0', false],
]);
const SECONDS = new Map([
  ['', 1],
  ['s', 1],
  ['m', 60],
  ['h', 3600],
  ['d', 86_400],
]);
const BYTES = new Map([
  ['', 1],
  ['b', 1],
  ['kib', 2 ** 10],
  ['mib', 2 ** 20],
  ['gib', 2 ** 30],
  ['tib', 2 ** 40],
  ['kb', 1e3],
  ['mb', 1e6],
  ['gb', 1e9],
  ['tb', 1e12],
]);

function quantity(text: string, units: ReadonlyMap<string, number>, problem: string): number {
  const [, digits, unit] = /^(\d+)\s*([a-z]*)$/i.exec(text) ?? [];
  const factor = units.get(unit?.toLowerCase() ?? '');
  if (digits === undefined || factor === undefined) throw new UnparsableValueError(problem);
  return safe(Number(digits) * factor);
}

function safe(value: number): number {
  if (!Number.isSafeInteger(value)) throw new UnparsableValueError('is too large');
  return value;
}
