import type { SqlValue } from '@breakwater/database';

/** Which rows of a list, in which order: what libs/http makes of `q`, `sort`, `page` and `page_size`. */
export interface ListRequest {
  /** A condition with `$1`…`$n` for `params`, over the list's fields. */
  readonly where?: { readonly sql: string; readonly params: readonly SqlValue[] };
  /** The text after ORDER BY, with a unique column last. */
  readonly orderBy?: string;
  readonly limit: number;
  readonly offset: number;
}

export interface ListPage<T> {
  readonly items: readonly T[];
  /** Of all pages. */
  readonly total: number;
}
