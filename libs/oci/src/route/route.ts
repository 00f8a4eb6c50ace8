import { AppError } from '@breakwater/errors';
import { InvalidRepositoryNameError, RepositoryName } from '../repository-name.js';
import { decodeColons, isPlainSegment, requireWellFormedPath, withoutAuthority } from './request-target.js';
import { RouteQuery } from './route-query.js';

/**
 * What a request of the data plane addresses. Texts named `…Text` are decoded but not judged: an invalid reference is
 * 404 to a reader and 400 to a writer, which the route cannot know. `uploadId` is any text.
 */
export type Route = { readonly query: RouteQuery } & (
  | { readonly kind: 'base' }
  | { readonly kind: 'catalog' }
  | { readonly kind: 'manifest'; readonly name: RepositoryName; readonly referenceText: string }
  | { readonly kind: 'blob'; readonly name: RepositoryName; readonly digestText: string }
  | { readonly kind: 'tags'; readonly name: RepositoryName }
  | { readonly kind: 'referrers'; readonly name: RepositoryName; readonly digestText: string }
  | { readonly kind: 'uploads'; readonly name: RepositoryName }
  | { readonly kind: 'upload'; readonly name: RepositoryName; readonly uploadId: string }
  | { readonly kind: 'extensions'; readonly name: RepositoryName | null }
  | { readonly kind: 'not-found' }
);

/**
 * The one reader of request targets under `/v2`. Authorisation and handling both get its answer and nothing else, so
 * they cannot see two different repositories in one request.
 *
 * Works from the end, where the keywords are: `/v2/a/manifests/b/manifests/latest` is the tag `latest` of the
 * repository `a/manifests/b`. What it accepts, the grammar of names and the check of the last segment have seen
 * character by character; only what they refuse is looked at again, to say why.
 *
 * @param rawTarget  as it stood in the request line, nothing decoded, nothing cleaned.
 * @throws InvalidTargetError  see `requireWellFormedPath`.
 * @throws InvalidRepositoryNameError  a route of a repository whose name breaks the grammar.
 * @see OCI distribution-spec, "Endpoints".
 */
export function parseDataPlaneRoute(rawTarget: string): Route {
  const target = rawTarget.charCodeAt(0) === 0x2f ? rawTarget : withoutAuthority(rawTarget);
  const mark = target.indexOf('?');
  return mark < 0
    ? routeOf(target, RouteQuery.empty)
    : routeOf(target.slice(0, mark), new RouteQuery(target.slice(mark + 1)));
}

/** What a `not-found` route is answered with. */
export class UnknownRouteError extends AppError {
  readonly code = 'ROUTE_UNKNOWN';
  readonly kind = 'not-found';
  constructor() {
    super('the distribution API has no such endpoint');
  }
}

const PREFIX = '/v2/';
const DISCOVER = '/_oci/ext/discover';
const BLOBS = '/blobs';

function routeOf(path: string, query: RouteQuery): Route {
  if (!path.startsWith(PREFIX)) return otherRoute(path, query);
  // The last two slashes, found forwards: V8 looks for a character forwards several times faster than backwards.
  let keywordSlash = 0;
  let lastSlash = 0;
  for (let slash = PREFIX.length - 1; slash >= 0; slash = path.indexOf('/', slash + 1)) {
    keywordSlash = lastSlash;
    lastSlash = slash;
  }
  const hasTail = lastSlash + 1 < path.length;
  if (keywordSlash < PREFIX.length) return otherRoute(path, query);
  switch (path.slice(keywordSlash + 1, lastSlash)) {
    case 'manifests':
      if (!hasTail) break;
      return {
        kind: 'manifest',
        name: nameIn(path, keywordSlash),
        referenceText: segmentAfter(path, lastSlash),
        query,
      };
    case 'blobs':
      if (!hasTail) break;
      if (path.endsWith('/uploads')) return { kind: 'uploads', name: nameIn(path, keywordSlash), query };
      return { kind: 'blob', name: nameIn(path, keywordSlash), digestText: segmentAfter(path, lastSlash), query };
    case 'uploads': {
      const blobsSlash = keywordSlash - BLOBS.length;
      if (blobsSlash < PREFIX.length || !path.startsWith(BLOBS, blobsSlash)) break;
      const name = nameIn(path, blobsSlash);
      return hasTail
        ? { kind: 'upload', name, uploadId: segmentAfter(path, lastSlash), query }
        : { kind: 'uploads', name, query };
    }
    case 'tags':
      if (!path.endsWith('/list')) break;
      return { kind: 'tags', name: nameIn(path, keywordSlash), query };
    case 'referrers':
      if (!hasTail) break;
      return { kind: 'referrers', name: nameIn(path, keywordSlash), digestText: segmentAfter(path, lastSlash), query };
    case 'ext':
      if (!path.endsWith(DISCOVER)) break;
      return { kind: 'extensions', name: discoverName(path), query };
  }
  return otherRoute(path, query);
}

function otherRoute(path: string, query: RouteQuery): Route {
  if (path === '/v2/' || path === '/v2') return { kind: 'base', query };
  if (path === '/v2/_catalog') return { kind: 'catalog', query };
  requireWellFormedPath(path);
  return { kind: 'not-found', query };
}

function nameIn(path: string, end: number): RepositoryName {
  const name = path.slice(PREFIX.length, end);
  if (RepositoryName.is(name)) return name;
  requireWellFormedPath(path);
  throw new InvalidRepositoryNameError(name);
}

function segmentAfter(path: string, slash: number): string {
  const segment = path.slice(slash + 1);
  if (isPlainSegment(segment)) return segment;
  requireWellFormedPath(path);
  return decodeColons(segment);
}

function discoverName(path: string): RepositoryName | null {
  const end = path.length - DISCOVER.length;
  return end < PREFIX.length ? null : nameIn(path, end);
}
