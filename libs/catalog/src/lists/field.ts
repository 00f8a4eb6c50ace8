/**
 * What clients may filter and sort a list by, under Harbor's names, in the form that `buildFilter` and `buildOrder` of
 * libs/http take. What a map does not have cannot be asked for.
 */
export type ListFields = Readonly<Record<string, ColumnField | CustomField>>;

export interface ColumnField {
  /** SQL over the list's table, e.g. `project.name`. */
  readonly column: string;
  readonly type: 'text' | 'integer' | 'time' | 'boolean';
  readonly fuzzy?: boolean;
  readonly sortable?: boolean;
}

/** A key whose terms mean more than a comparison with a column. */
export interface CustomField {
  /**
   * @param bind  makes a value a parameter, the only way of input into the SQL.
   * @throws InvalidListQueryError
   */
  readonly filter: (term: FieldTerm, bind: (value: string) => string) => string | null;
}

/** A term of `q`: `k=v`, `k=~v`, or a form that is told apart only by its kind. */
export type FieldTerm =
  { readonly kind: 'exact' | 'fuzzy'; readonly value: string } | { readonly kind: 'range' | 'or' | 'and' };
