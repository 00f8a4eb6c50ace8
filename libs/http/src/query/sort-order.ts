import { findField, isColumn, type FieldMap } from './field-map.js';

export interface SortKey {
  readonly key: string;
  readonly isDescending: boolean;
}

/** Reads `sort=name,-creation_time`: a leading `-` means descending. Never throws; empty keys are left out. */
export function parseSort(sort: string | undefined): SortKey[] {
  return (sort ?? '')
    .split(',')
    .map((text) => text.trim())
    .map((text) => ({ key: text.replace(/^-/, '').trim(), isDescending: text.startsWith('-') }))
    .filter(({ key }) => key !== '');
}

/**
 * What stands after ORDER BY. Keys that the list cannot be sorted by are ignored; where none is left the default holds.
 *
 * @param defaultOrder  SQL, written by us.
 * @param tieBreaker  SQL of a unique order, put last so that rows that are alike do not change pages between two
 *   requests, e.g. `"a"."id" DESC`.
 */
export function buildOrder(
  sort: readonly SortKey[],
  fields: FieldMap,
  defaultOrder: string,
  tieBreaker?: string,
): string {
  const columns = new Map<string, string>();
  for (const { key, isDescending } of sort) {
    const field = findField(fields, key);
    if (field === null || !isColumn(field) || field.sortable === false || columns.has(field.column)) continue;
    columns.set(field.column, `${field.column} ${isDescending ? 'DESC' : 'ASC'}`);
  }
  const order = columns.size === 0 ? [defaultOrder] : [...columns.values()];
  return [...order, ...(tieBreaker === undefined ? [] : [tieBreaker])].join(', ');
}
