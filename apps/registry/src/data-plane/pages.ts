import { MAX_PAGE_SIZE, nextLink, type PageRequest, type RouteQuery } from '@breakwater/oci';

/** How many entries to look up. Who does not say gets as many as one answer may have: few clients follow `Link`. */
export function pageLimit(page: PageRequest): number {
  return page.n ?? MAX_PAGE_SIZE;
}

/**
 * The header that leads on, or none.
 *
 * @param lastShown  the last entry of this page when more follow. `n=0` has none, and so no `Link`.
 */
export function linkToNext(
  path: string,
  page: PageRequest,
  lastShown: string | undefined,
  query: RouteQuery,
): readonly string[] {
  if (lastShown === undefined) return [];
  return ['Link', nextLink(path, { n: pageLimit(page), last: lastShown }, query)];
}
