import { InvalidQueryError } from '../errors/http.errors.js';
import {
  findField,
  isColumn,
  type Bind,
  type ColumnField,
  type FieldMap,
  type FieldType,
  type SqlParameter,
} from './field-map.js';
import type { QueryTerm, QueryTerms } from './query-terms.js';

/** A condition for a WHERE clause. Input is in `params` only, never in `sql`. */
export interface SqlFilter {
  /** `TRUE` where there is no condition, so that it can stand after an AND. */
  readonly sql: string;
  readonly params: readonly SqlParameter[];
}

/**
 * Makes a condition of the terms that name a field of the list. Keys that the list does not have, and suffixes that
 * are no operator, are ignored without a word, as in Harbor.
 *
 * @param firstParameter  number of the first placeholder, where the statement has parameters before these.
 * @throws InvalidQueryError  a value that does not fit its field: Harbor answers 500.
 */
export function buildFilter(terms: QueryTerms, fields: FieldMap, firstParameter = 1): SqlFilter {
  const params: SqlParameter[] = [];
  const bind: Bind = (value) => `$${firstParameter - 1 + params.push(value)}`;
  const conditions: string[] = [];
  for (const [key, term] of terms) {
    const condition = conditionOf(key, term, fields, bind);
    if (condition !== null) conditions.push(condition);
  }
  return { sql: conditions.length === 0 ? 'TRUE' : conditions.join(' AND '), params };
}

type Operator = 'exact' | 'icontains' | 'in' | 'gte' | 'lte' | 'gt' | 'lt';

const COMPARISONS = { gte: '>=', lte: '<=', gt: '>', lt: '<' } as const;
const OPERATORS: readonly string[] = ['exact', 'icontains', 'in', ...Object.keys(COMPARISONS)];

function conditionOf(key: string, term: QueryTerm, fields: FieldMap, bind: Bind): string | null {
  // Only the first `__` divides: what follows is an operator or nothing, never a path into another table.
  const [name = '', ...suffix] = key.split('__');
  const operator = suffix.length === 0 ? null : suffix.join('__');
  const field = findField(fields, name);
  if (field === null || (operator !== null && !OPERATORS.includes(operator))) return null;
  if (!isColumn(field)) return operator === null ? parenthesised(field.filter(term, bind)) : null;
  const column = new Column(name, field, bind);
  return operator === null ? column.matching(term) : column.compared(operator as Operator, term);
}

function parenthesised(condition: string | null): string | null {
  return condition === null ? null : `(${condition})`;
}

/** Conditions on one column. */
class Column {
  constructor(
    private readonly name: string,
    private readonly field: ColumnField,
    private readonly bind: Bind,
  ) {}

  matching(term: QueryTerm): string | null {
    switch (term.kind) {
      case 'exact':
        return `${this.field.column} = ${this.bound(term.value)}`;
      case 'fuzzy':
        return this.containing(term.value);
      case 'range':
        return this.between(term.min, term.max);
      case 'or':
        return this.oneOf(term.values);
      case 'and':
        return null;
    }
  }

  /** A key with an operator takes a single value, and `__in` a list as well; other forms mean nothing. */
  compared(operator: Operator, term: QueryTerm): string | null {
    if (operator === 'in' && term.kind === 'or') return this.oneOf(term.values);
    if (term.kind !== 'exact') return null;
    if (operator === 'exact') return this.matching(term);
    if (operator === 'icontains') return this.containing(term.value);
    if (operator === 'in') return this.oneOf([term.value]);
    this.requireOrder();
    return `${this.field.column} ${COMPARISONS[operator]} ${this.bound(term.value)}`;
  }

  private containing(text: string): string {
    if (this.field.type !== 'text' || this.field.fuzzy === false) {
      throw new InvalidQueryError(`${this.name} cannot be searched for a part`);
    }
    return `${this.field.column} ILIKE ${this.bind(`%${escapeLike(text)}%`)} ESCAPE '\\'`;
  }

  private between(min: string | null, max: string | null): string {
    this.requireOrder();
    const ends = [
      min !== null && `${this.field.column} >= ${this.bound(min)}`,
      max !== null && `${this.field.column} <= ${this.bound(max)}`,
    ];
    return ends.filter((end) => end !== false).join(' AND ');
  }

  private oneOf(values: readonly string[]): string {
    const converted = values.map((value) => convert(this.name, this.field.type, value));
    return `${this.field.column} = ANY(${this.bind(converted)}::${SQL_TYPE[this.field.type]}[])`;
  }

  private bound(value: string): string {
    return `${this.bind(convert(this.name, this.field.type, value))}::${SQL_TYPE[this.field.type]}`;
  }

  private requireOrder(): void {
    if (this.field.type === 'boolean') throw new InvalidQueryError(`${this.name} is true or false and has no order`);
  }
}

const SQL_TYPE = {
  text: 'text',
  integer: 'bigint',
  time: 'timestamptz',
  boolean: 'boolean',
} as const satisfies Record<FieldType, string>;

function convert(name: string, type: FieldType, value: string): string | boolean {
  switch (type) {
    case 'text':
      return value.toWellFormed();
    case 'integer':
      return toBigint(name, value);
    case 'time':
      return toTime(name, value);
    case 'boolean':
      return toBoolean(name, value);
  }
}

const INT64_MAX = 2n ** 63n - 1n;

/** As text: a bigint of PostgreSQL is wider than a number of ours. */
function toBigint(name: string, value: string): string {
  const number = /^[+-]?\d{1,19}$/.test(value) ? BigInt(value.replace('+', '')) : null;
  if (number === null || number > INT64_MAX || number < -INT64_MAX) {
    throw new InvalidQueryError(`${name} is an integer`);
  }
  return String(number);
}

/** `2026-01-31`, `2026-01-31T10:00:00` or a space for the `T`, with or without decimals and zone; UTC without one. */
function toTime(name: string, value: string): string {
  const match = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d:\d\d(?:\.\d{1,9})?)(Z|[+-]\d\d:\d\d)?)?$/.exec(value);
  const [, day = '', clock = '00:00:00', zone = 'Z'] = match ?? [];
  const time = new Date(`${day}T${clock}${zone}`);
  // Date takes 31 February for 3 March; PostgreSQL does not, and neither do we.
  const isDay = new Date(`${day}T00:00:00Z`);
  if (Number.isNaN(time.getTime()) || Number.isNaN(isDay.getTime()) || !isDay.toISOString().startsWith(day)) {
    throw new InvalidQueryError(`${name} is a time such as 2026-01-31T10:00:00`);
  }
  return time.toISOString();
}

function toBoolean(name: string, value: string): boolean {
  if (/^(?:true|t|1)$/i.test(value)) return true;
  if (/^(?:false|f|0)$/i.test(value)) return false;
  throw new InvalidQueryError(`${name} is true or false`);
}

function escapeLike(text: string): string {
  return text.toWellFormed().replace(/[\\%_]/g, (character) => `\\${character}`);
}
