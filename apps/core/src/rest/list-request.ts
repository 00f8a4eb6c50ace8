import type { ListRequest } from '@breakwater/catalog';
import {
  buildFilter,
  buildOrder,
  pageOf,
  parseQuery,
  parseSort,
  type FieldMap,
  type ListQuery,
  type Page,
  type QueryTerms,
  type SqlParameter,
} from '@breakwater/http';

export interface ListOrder {
  /** SQL, written by us, where the caller asks for no order. */
  readonly byDefault: string;
  /** SQL of a unique order, put last. */
  readonly tieBreaker: string;
}

/** What a list of the catalog is asked for, and what `Listed` needs to know of the page. */
export class CatalogListRequest {
  readonly page: Page;
  readonly terms: QueryTerms;
  private readonly conditions: string[];
  private readonly params: SqlParameter[];
  private readonly orderBy: string;

  /** @throws InvalidQueryError, and errors of the list's own keys. */
  constructor(query: ListQuery, fields: FieldMap, order: ListOrder) {
    this.page = pageOf(query);
    this.terms = parseQuery(query.q);
    const filter = buildFilter(this.terms, fields);
    this.conditions = filter.sql === 'TRUE' ? [] : [filter.sql];
    this.params = [...filter.params];
    this.orderBy = buildOrder(parseSort(query.sort), fields, order.byDefault, order.tieBreaker);
  }

  /** A parameter of the operation that is a condition as well. @param condition  makes SQL of the placeholder. */
  and(value: SqlParameter, condition: (placeholder: string) => string): this {
    this.conditions.push(condition(`$${this.params.push(value)}`));
    return this;
  }

  get request(): ListRequest {
    const { limit, offset } = this.page;
    const sql = this.conditions.map((condition) => `(${condition})`).join(' AND ');
    const where = this.conditions.length === 0 ? {} : { where: { sql, params: this.params } };
    return { ...where, orderBy: this.orderBy, limit, offset };
  }
}
