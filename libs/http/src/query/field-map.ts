import type { QueryTerm } from './query-terms.js';

export type FieldType = 'text' | 'integer' | 'time' | 'boolean';

/** A column that clients may filter and sort by. */
export interface ColumnField {
  /** SQL, written by us, e.g. `"a"."name"`. Never made from input. */
  readonly column: string;
  readonly type: FieldType;
  /** May it be searched for a part of its text? Text columns may unless this says false. */
  readonly fuzzy?: boolean;
  /** May a list be sorted by it? It may unless this says false. */
  readonly sortable?: boolean;
}

/** A key with a meaning of its own, such as `labels=(1 2)` or `tags=*` of artifacts. */
export interface CustomField {
  /**
   * @param bind  makes a value a parameter and gives its placeholder; the only way for input to get into the SQL.
   * @returns a condition, or null for none.
   * @throws InvalidQueryError  a term that makes no sense for this key.
   */
  readonly filter: (term: QueryTerm, bind: Bind) => string | null;
}

export type Bind = (value: SqlParameter) => string;

/** What a filter gives to the database. */
export type SqlParameter = string | number | boolean | readonly (string | number | boolean)[];

/** The keys of one list, in snake case. What is not in it does not exist for a client: secrets are safe by absence. */
export type FieldMap = Readonly<Record<string, ColumnField | CustomField>>;

/**
 * The field that a key names: `project_id`, or Go's spelling of it, `ProjectID`, which Harbor takes as well. Own
 * properties only.
 */
export function findField(fields: FieldMap, key: string): ColumnField | CustomField | null {
  if (Object.hasOwn(fields, key)) return fields[key] ?? null;
  const bare = withoutUnderscores(key);
  const name = /^[A-Z]/.test(key) ? Object.keys(fields).find((each) => withoutUnderscores(each) === bare) : undefined;
  return name === undefined ? null : (fields[name] ?? null);
}

export function isColumn(field: ColumnField | CustomField): field is ColumnField {
  return 'column' in field;
}

function withoutUnderscores(key: string): string {
  return key.replaceAll('_', '').toLowerCase();
}
