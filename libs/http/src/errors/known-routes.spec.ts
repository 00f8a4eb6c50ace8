import { describe, expect, it } from '@jest/globals';
import { KnownRoutes } from './known-routes.js';

describe('KnownRoutes', () => {
  const routes = new KnownRoutes();
  routes.add('/api/v2.0/projects', ['GET', 'POST']);
  routes.add('/api/v2.0/projects', ['HEAD']);
  routes.add('/api/v2.0/projects/:project_name_or_id', ['DELETE']);
  routes.add('/v2/*', ['PATCH']);
  routes.add('/*', ['GET']);

  it.each([
    ['/api/v2.0/projects', ['GET', 'HEAD', 'POST']],
    ['/api/v2.0/projects/?page=1', ['GET', 'HEAD', 'POST']],
    ['/api/v2.0/projects/7', ['DELETE']],
    ['/api/v2.0/projects/7/x', []],
    ['/api/v2.0', []],
    ['/v2/a/b/c', ['PATCH']],
    ['/v2', ['PATCH']],
    ['/', []],
  ])('knows the verbs of %s', (url, methods) => expect(routes.methodsOf(url)).toEqual(methods));
});
