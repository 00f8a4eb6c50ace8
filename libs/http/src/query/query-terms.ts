import { InvalidQueryError } from '../errors/http.errors.js';

/**
 * One condition of the `q` language. Values are text as the client wrote it, without quotes; what type they have is
 * decided by the field that they are compared with.
 */
export type QueryTerm =
  /** `k=v` */
  | { readonly kind: 'exact'; readonly value: string }
  /** `k=~v`: contains, whatever the case. */
  | { readonly kind: 'fuzzy'; readonly value: string }
  /** `k=[a~b]`, both ends included; null where an end is open. Never both. */
  | { readonly kind: 'range'; readonly min: string | null; readonly max: string | null }
  /** `k={a b c}` */
  | { readonly kind: 'or'; readonly values: readonly string[] }
  /** `k=(a b c)`: means nothing unless the list gives it a meaning, as artifacts do for labels. */
  | { readonly kind: 'and'; readonly values: readonly string[] };

/** By key as the client wrote it, operator suffix and all. */
export type QueryTerms = ReadonlyMap<string, QueryTerm>;

/**
 * Reads the `q` parameter of a list: terms joined by `,`, each `key=value`. The value of the parameter is encoded a
 * second time inside the query string, and decoded here. No value can hold a comma. Of two terms with the same key the
 * last one counts. A leading backslash takes the meaning off a first character: `k=\~x`.
 *
 * @param q  decoded once, as the framework gives it; absent and empty mean no condition.
 * @throws InvalidQueryError  with the term that is wrong.
 * @see Harbor, "q" of every list operation.
 */
export function parseQuery(q: string | undefined): QueryTerms {
  const terms = new Map<string, QueryTerm>();
  if (q === undefined || q === '') return terms;
  for (const text of decode(q).split(',')) {
    const [key, term] = parseTerm(text);
    terms.set(key, term);
  }
  return terms;
}

/** As Go's url.QueryUnescape: `+` is a space. */
function decode(q: string): string {
  let decoded: string;
  try {
    decoded = decodeURIComponent(q.replaceAll('+', ' '));
  } catch {
    throw new InvalidQueryError('q holds an escape that cannot be read; it is decoded twice, write % as %2525');
  }
  if (decoded.includes('\0')) throw new InvalidQueryError('q holds a NUL');
  return decoded;
}

function parseTerm(text: string): [key: string, term: QueryTerm] {
  const equals = text.indexOf('=');
  const key = text.slice(0, Math.max(equals, 0)).trim();
  const value = text.slice(equals + 1);
  if (equals < 0 || key === '' || value === '') throw new InvalidQueryError(`${quoted(text)} is not key=value`);
  return [key, parseValue(value)];
}

function parseValue(value: string): QueryTerm {
  switch (value[0]) {
    case '~':
      return { kind: 'fuzzy', value: value.slice(1) };
    case '[':
      return parseRange(value);
    case '{':
      return { kind: 'or', values: parseList(value, '}') };
    case '(':
      return { kind: 'and', values: parseList(value, ')') };
    default:
      return { kind: 'exact', value: /^\\[~[{(\\]/.test(value) ? value.slice(1) : value };
  }
}

function parseRange(text: string): QueryTerm {
  const ends = text.endsWith(']') ? text.slice(1, -1).split('~') : [];
  const [min = '', max = ''] = ends.map((end) => unquoted(end.trim()));
  if (ends.length !== 2 || (min === '' && max === '')) throw new InvalidQueryError(`${quoted(text)} is not [min~max]`);
  return { kind: 'range', min: min === '' ? null : min, max: max === '' ? null : max };
}

function parseList(text: string, close: string): string[] {
  const values = text.endsWith(close)
    ? text
        .slice(1, -1)
        .split(' ')
        .filter((value) => value !== '')
    : [];
  if (values.length === 0) throw new InvalidQueryError(`${quoted(text)} is not a list closed by ${close}`);
  return values.map(unquoted);
}

function unquoted(text: string): string {
  return /^(["']).*\1$/s.test(text) && text.length > 1 ? text.slice(1, -1) : text;
}

function quoted(text: string): string {
  return JSON.stringify(text.length > 64 ? `${text.slice(0, 64)}…` : text);
}
