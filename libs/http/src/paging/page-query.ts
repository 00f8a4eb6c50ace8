import { IsInt, IsOptional, IsString, Max } from 'class-validator';

/** Rows that one answer holds when the client asks for everything. What is beyond comes by `Link`. */
export const MAX_UNPAGED_ROWS = 10_000;

export const MAX_PAGE_SIZE = 100;

/** `page` and `page_size` of every list. Extend it with the list's own parameters. */
export class PageQuery {
  @IsOptional()
  @IsInt()
  page: number = 1;

  /** 0 or less asks for everything in one answer, as clients of Harbor do. */
  @IsOptional()
  @IsInt()
  @Max(MAX_PAGE_SIZE)
  page_size: number = 10;
}

/** A list that can be filtered and sorted. */
export class ListQuery extends PageQuery {
  @IsOptional()
  @IsString()
  q?: string;

  @IsOptional()
  @IsString()
  sort?: string;
}

/** Which rows an answer holds. */
export interface Page {
  /** From 1. */
  readonly number: number;
  /** Rows to read: of a page, or `MAX_UNPAGED_ROWS`. */
  readonly limit: number;
  /** Rows to skip. */
  readonly offset: number;
  readonly isUnpaged: boolean;
}

/**
 * Harbor reads a page below 1 as the first, and a size below 1 as "everything". So do we, but an answer without pages
 * ends at `MAX_UNPAGED_ROWS` and has a `Link` to go on from there: no list can be made to cost the whole database.
 */
export function pageOf(query: PageQuery): Page {
  const number = Math.max(1, query.page);
  if (query.page_size < 1) return { number: 1, limit: MAX_UNPAGED_ROWS, offset: 0, isUnpaged: true };
  return { number, limit: query.page_size, offset: (number - 1) * query.page_size, isUnpaged: false };
}
