interface KnownRoute {
  readonly segments: readonly string[];
  readonly methods: readonly string[];
}

/** The routes of an app, to tell a wrong verb (405) from an unknown path (404). Asked only after the router gave up. */
export class KnownRoutes {
  private readonly routes: KnownRoute[] = [];

  /** @param pattern  of the router, e.g. `/api/v2.0/projects/:project_name_or_id`. A bare `*` is no known path. */
  add(pattern: string, methods: readonly string[]): void {
    const segments = segmentsOf(pattern);
    if (segments.length > 0 && segments[0] !== '*') this.routes.push({ segments, methods });
  }

  /** Verbs that some route has for the path of `url`, sorted; none for a path that nothing serves. */
  methodsOf(url: string): string[] {
    const path = segmentsOf(url.split('?', 1)[0] ?? '');
    const methods = this.routes.filter((route) => matches(route.segments, path)).flatMap((route) => route.methods);
    return [...new Set(methods)].sort();
  }
}

function segmentsOf(path: string): string[] {
  return path.split('/').filter((segment) => segment !== '');
}

function matches(pattern: readonly string[], path: readonly string[]): boolean {
  const wildcard = pattern.indexOf('*');
  if (wildcard < 0 && pattern.length !== path.length) return false;
  const fixed = wildcard < 0 ? pattern : pattern.slice(0, wildcard);
  return path.length >= fixed.length && fixed.every((part, index) => part.startsWith(':') || part === path[index]);
}
