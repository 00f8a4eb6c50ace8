import type { SqlValue } from '@breakwater/database';

/** Which rows of a list, in which order: what libs/http makes of `q`, `sort`, `page` and `page_size`. */
export interface ListRequest {
  /** A condition with `$1`…`$n` for `params`, over the list's fields. */
  readonly where?: { readonly sql: string; readonly params: readonly SqlValue[] };
  /** The text after ORDER BY, with a unique column last; each list has its own default. */
  readonly orderBy?: string;
  readonly limit: number;
  readonly offset: number;
}

export interface ListPage<T> {
  readonly items: readonly T[];
  /** Of all pages. */
  readonly total: number;
}

/** The parameters of a statement that is put together from parts. The request's own come first. */
export class Statement {
  readonly params: SqlValue[];
  /** The condition of the request, `TRUE` where it has none. */
  readonly where: string;

  constructor(request: Pick<ListRequest, 'where'> = {}) {
    this.params = [...(request.where?.params ?? [])];
    this.where = request.where === undefined ? 'TRUE' : `(${request.where.sql})`;
  }

  /** @returns its placeholder. */
  bind(value: SqlValue): string {
    return `$${this.params.push(value)}`;
  }
}
