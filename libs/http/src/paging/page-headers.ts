import type { FastifyReply, FastifyRequest } from 'fastify';
import { MAX_PAGE_SIZE, MAX_UNPAGED_ROWS, type Page } from './page-query.js';

/**
 * Sets `X-Total-Count` and, where there is more to read, `Link` on the answer to a list.
 *
 * @param total  rows that the filters match, on all pages together.
 */
export function setPageHeaders(reply: FastifyReply, request: FastifyRequest, page: Page, total: number): void {
  void reply.header('X-Total-Count', String(total));
  const link = pageLinks(request.url, page, total);
  if (link !== '') void reply.header('Link', link);
}

/**
 * The `Link` header: `</path?page=1&page_size=10>; rel="prev" , </path?page=3&page_size=10>; rel="next"`. Relative,
 * with both parameters always there, keys in alphabetical order, and readable: see `readable`. Empty when neither
 * page exists.
 *
 * @param url  the request's path and query string, as sent.
 */
export function pageLinks(url: string, page: Page, total: number): string {
  if (page.isUnpaged) {
    // The rows that this answer left out begin on this page of the largest size.
    const number = MAX_UNPAGED_ROWS / MAX_PAGE_SIZE + 1;
    return total > page.limit ? link(url, number, MAX_PAGE_SIZE, 'next') : '';
  }
  const hasPrevious = page.number > 1 && page.offset < total;
  const hasNext = page.offset + page.limit < total;
  return [
    hasPrevious && link(url, page.number - 1, page.limit, 'prev'),
    hasNext && link(url, page.number + 1, page.limit, 'next'),
  ]
    .filter((each) => each !== false)
    .join(' , ');
}

function link(url: string, page: number, pageSize: number, relation: string): string {
  const question = url.indexOf('?');
  const path = question < 0 ? url : url.slice(0, question);
  const query = new URLSearchParams(question < 0 ? '' : url.slice(question + 1));
  query.set('page', String(page));
  query.set('page_size', String(pageSize));
  query.sort();
  const text = [...query].map(([key, value]) => `${readable(key).replaceAll('=', '%3D')}=${readable(value)}`).join('&');
  // A space at the end would be trimmed by whoever reads the reference (WHATWG URL).
  return `<${asciiPath(path)}?${text.replace(/ $/, '%20')}>; rel="${relation}"`;
}

/**
 * Harbor takes the escapes out of its links, so that `q=name=~a b` can be read. We leave in those without which the
 * link means something else or breaks the header: separators, `%`, quotes, brackets, controls, and what is not ASCII.
 */
function readable(text: string): string {
  return text.replace(/[^\x20-\x7e]|[%&+#;"<>\\^`|]/gu, (character) => encodeURIComponent(character.toWellFormed()));
}

/** A path as sent can hold what a header cannot. */
function asciiPath(path: string): string {
  return path.replace(/[^\x21-\x7e]|[<>"]/gu, (character) => encodeURIComponent(character.toWellFormed()));
}
