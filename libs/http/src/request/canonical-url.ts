import { UnreadableTargetError } from '../errors/http.errors.js';

/** The request target with every run of `/` in its path made one, as it is routed. The query string stays as it is. */
export function canonicalUrl(url: string): string {
  const question = url.indexOf('?');
  const path = question < 0 ? url : url.slice(0, question);
  if (!path.includes('//')) return url;
  return path.replace(/\/{2,}/g, '/') + (question < 0 ? '' : url.slice(question));
}

/**
 * Refuses targets that clients and servers read in different ways, before anything is decided by them.
 *
 * @throws UnreadableTargetError  a `;` in the query (a separator to some), an escape that is no UTF-8, or a NUL.
 */
export function checkTarget(url: string): void {
  const question = url.indexOf('?');
  const path = question < 0 ? url : url.slice(0, question);
  const query = question < 0 ? '' : url.slice(question + 1);
  if (!isReadable(path)) throw new UnreadableTargetError('the path holds an escape that cannot be read');
  if (query.includes(';')) throw new UnreadableTargetError('the query string holds a ";", write it as %3B');
  if (!isReadable(query)) throw new UnreadableTargetError('the query string holds an escape that cannot be read');
}

function isReadable(text: string): boolean {
  if (!text.includes('%')) return true;
  try {
    return !decodeURIComponent(text).includes('\0');
  } catch {
    return false;
  }
}
