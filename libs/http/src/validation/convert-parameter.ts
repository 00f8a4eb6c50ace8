/** The words that Harbor's framework takes for a boolean. Others are nothing, where Harbor takes them for false. */
const TRUE_WORDS = ['true', '1', 'yes', 'ok', 'y', 'on', 'selected', 'checked', 't', 'enabled'];
const FALSE_WORDS = ['false', '0', 'no', 'n', 'off', 'f', 'disabled'];

export function findBoolean(text: string): boolean | null {
  const word = text.toLowerCase();
  if (TRUE_WORDS.includes(word)) return true;
  return FALSE_WORDS.includes(word) ? false : null;
}

export type Conversion = { readonly value: unknown } | { readonly fault: string };

/**
 * A path or query parameter, which is always text, as the type that its handler declares.
 *
 * @param given  a text, or several where a query repeats the key: the last one counts, as in Harbor.
 * @param type  `Number` (an integer), `Boolean`, `Array` (comma-separated) or `String`; others stay as they are.
 * @returns `undefined` as the value where an empty text stands for "not given".
 */
export function convertParameter(given: unknown, type: unknown): Conversion {
  if (given === undefined) return { value: undefined };
  if (type === Array) return { value: textsOf(given).flatMap((text) => text.split(',').filter((part) => part !== '')) };
  const last: unknown = Array.isArray(given) ? given.at(-1) : given;
  if (typeof last !== 'string' || (type !== Number && type !== Boolean)) return { value: last };
  if (last === '') return { value: undefined };
  return type === Number ? toInteger(last) : toBoolean(last);
}

function textsOf(given: unknown): string[] {
  return (Array.isArray(given) ? given : [given]).filter((each) => typeof each === 'string');
}

function toInteger(text: string): Conversion {
  const value = /^[+-]?\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(value) ? { value } : { fault: 'must be an integer number' };
}

function toBoolean(text: string): Conversion {
  const value = findBoolean(text);
  return value === null ? { fault: 'must be a boolean value' } : { value };
}
