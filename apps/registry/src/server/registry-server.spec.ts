import { describe, expect, it } from '@jest/globals';
import { isDataPlane } from './registry-server.js';

describe('isDataPlane', () => {
  it.each(['/v2', '/v2/', '/v2?x', '/v2/a/b/manifests/c', '/v2//x', '/v2/%2e%2e/api', '/v2/../api'])(
    '%s is',
    (target) => {
      expect(isDataPlane(target)).toBe(true);
    },
  );

  it.each(['/', '/v2.0/', '/v20/', '/api/v2/', '/V2/', '/%76%32/', '/./v2/', '//v2/'])(
    '%s is not: it is judged as it stands, and nothing else ever serves it as /v2',
    (target) => {
      expect(isDataPlane(target)).toBe(false);
    },
  );

  it.each(['http://host/v2/', '*', undefined])('%s is no path and left to the parser of the data plane', (target) => {
    expect(isDataPlane(target)).toBe(true);
  });
});
