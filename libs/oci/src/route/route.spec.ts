import { describe, expect, it } from '@jest/globals';
import { InvalidRepositoryNameError } from '../repository-name.js';
import { InvalidTargetError } from './request-target.js';
import { type Route, parseDataPlaneRoute } from './route.js';

const digest = `sha256:${'0123456789abcdef'.repeat(4)}`;

/** The route without its query, which has a page of its own. */
function routeOf(target: string): Omit<Route, 'query'> {
  const { query: _, ...route } = parseDataPlaneRoute(target);
  return route;
}

describe('parseDataPlaneRoute', () => {
  it.each<[string, object]>([
    ['/v2/', { kind: 'base' }],
    ['/v2', { kind: 'base' }],
    ['/v2/?ns=docker.io', { kind: 'base' }],
    ['/v2/_catalog', { kind: 'catalog' }],
    ['/v2/_catalog?n=10', { kind: 'catalog' }],
    ['/v2/library/alpine/manifests/3.20', { kind: 'manifest', name: 'library/alpine', referenceText: '3.20' }],
    [`/v2/library/alpine/manifests/${digest}`, { kind: 'manifest', name: 'library/alpine', referenceText: digest }],
    [`/v2/library/alpine/blobs/${digest}`, { kind: 'blob', name: 'library/alpine', digestText: digest }],
    ['/v2/library/alpine/tags/list?n=2&last=a', { kind: 'tags', name: 'library/alpine' }],
    [`/v2/library/alpine/referrers/${digest}`, { kind: 'referrers', name: 'library/alpine', digestText: digest }],
    ['/v2/library/alpine/blobs/uploads/', { kind: 'uploads', name: 'library/alpine' }],
    ['/v2/library/alpine/blobs/uploads', { kind: 'uploads', name: 'library/alpine' }],
    [`/v2/library/alpine/blobs/uploads/?mount=${digest}`, { kind: 'uploads', name: 'library/alpine' }],
    ['/v2/library/alpine/blobs/uploads/5f-1', { kind: 'upload', name: 'library/alpine', uploadId: '5f-1' }],
    ['/v2/_oci/ext/discover', { kind: 'extensions', name: null }],
    ['/v2/library/alpine/_oci/ext/discover', { kind: 'extensions', name: 'library/alpine' }],
    ['/v2/library/alpine/blobs/xuploads', { kind: 'blob', name: 'library/alpine', digestText: 'xuploads' }],
    ['/v2/alpine/tags/list', { kind: 'tags', name: 'alpine' }],
  ])('reads %s', (target, route) => expect(routeOf(target)).toEqual(route));

  describe('keywords as names: the last ones count', () => {
    it.each<[string, object]>([
      ['/v2/a/manifests/b/manifests/latest', { kind: 'manifest', name: 'a/manifests/b', referenceText: 'latest' }],
      ['/v2/a/blobs/uploads/manifests/list', { kind: 'manifest', name: 'a/blobs/uploads', referenceText: 'list' }],
      ['/v2/a/blobs/uploads/tags/list', { kind: 'tags', name: 'a/blobs/uploads' }],
      ['/v2/a/blobs/blobs/uploads/', { kind: 'uploads', name: 'a/blobs' }],
      ['/v2/a/blobs/uploads/blobs/uploads/x', { kind: 'upload', name: 'a/blobs/uploads', uploadId: 'x' }],
      ['/v2/manifests/manifests/manifests', { kind: 'manifest', name: 'manifests', referenceText: 'manifests' }],
      ['/v2/a/tags/manifests/uploads', { kind: 'manifest', name: 'a/tags', referenceText: 'uploads' }],
      ['/v2/v2/tags/list', { kind: 'tags', name: 'v2' }],
    ])('%s', (target, route) => expect(routeOf(target)).toEqual(route));
  });

  describe('an encoded colon, as some clients write digests', () => {
    it.each(['%3A', '%3a'])('%s', (colon) => {
      const encoded = digest.replace(':', colon);
      expect(routeOf(`/v2/a/b/manifests/${encoded}`)).toMatchObject({ referenceText: digest });
      expect(routeOf(`/v2/a/b/blobs/${encoded}`)).toMatchObject({ digestText: digest });
      expect(routeOf(`/v2/a/b/referrers/${encoded}`)).toMatchObject({ digestText: digest });
    });
  });

  describe('an absolute target, as proxies may send', () => {
    it.each(['http://registry.example.com', 'HTTPS://registry.example.com:8443', 'http://[::1]:5000'])(
      '%s',
      (origin) => {
        expect(routeOf(`${origin}/v2/a/b/tags/list?n=1`)).toEqual({ kind: 'tags', name: 'a/b' });
        expect(routeOf(`${origin}/v2/`)).toEqual({ kind: 'base' });
      },
    );
  });

  describe('leaves to its caller to judge the last segment', () => {
    it.each([
      'sha256:baddigeststring',
      'sha256:totallywrong',
      '.INVALID_MANIFEST_NAME',
      '-a',
      'a'.repeat(200),
      'latest;x=1',
      '...',
    ])('%s', (text) => {
      expect(routeOf(`/v2/a/b/manifests/${text}`)).toEqual({ kind: 'manifest', name: 'a/b', referenceText: text });
      expect(routeOf(`/v2/a/b/blobs/${text}`)).toEqual({ kind: 'blob', name: 'a/b', digestText: text });
    });
  });

  describe('answers 404 for what is no endpoint', () => {
    it.each([
      '/',
      '/v1/',
      '/V2/',
      '/v2x/a/tags/list',
      '/api/v2.0/projects',
      '/v2/library',
      '/v2/library/alpine',
      '/v2/_catalog/',
      '/v2/_Catalog',
      '/v2/manifests/latest',
      '/v2/blobs/uploads/',
      '/v2/blobs/uploads',
      '/v2/blobs/uploads/x',
      '/v2/tags/list',
      '/v2/a/b/manifests/',
      '/v2/a/b/blobs/',
      '/v2/a/b/referrers/',
      '/v2/a/b/tags/',
      '/v2/a/b/tags/list/',
      '/v2/a/b/tags/latest',
      '/v2/a/b/uploads/x',
      '/v2/a/b/Manifests/latest',
      '/v2/a/b/blobs/uploads/x/',
      '/v2/_oci/ext/other',
      '/v2/a/ext/discover',
      '/v2/a/_oci/ext/discover/',
    ])('%s', (target) => expect(routeOf(target)).toEqual({ kind: 'not-found' }));
  });

  describe('refuses a target that two readers could read in two ways', () => {
    it.each([
      ['an encoded slash', '/v2/a%2fb/manifests/latest'],
      ['an encoded slash in upper case', '/v2/a/b/manifests/x%2Fy'],
      ['an encoded dot', '/v2/a/%2e%2e/b/manifests/latest'],
      ['an encoded letter', '/v2/a/b/m%61nifests/latest'],
      ['an encoding that is none', '/v2/a/b/manifests/50%'],
      ['a doubly encoded colon', '/v2/a/b/manifests/sha256%253Aabc'],
      ['a dot segment in the name (GHSA-qj39-pjf2-wmrc)', '/v2/public/../private/manifests/latest'],
      ['a dot segment at the end', '/v2/a/b/manifests/..'],
      ['a single dot segment', '/v2/./_catalog'],
      ['a dot segment before the prefix', '/../v2/_catalog'],
      ['an empty segment in the name', '/v2/a//b/manifests/latest'],
      ['an empty segment before a keyword (CVE-2020-29662)', '/v2//_catalog'],
      ['an empty segment at the start', '//v2/_catalog'],
      ['two slashes at the end', '/v2/a/b/blobs/uploads//'],
      ['a backslash', '/v2/a\\b/manifests/latest'],
      ['a backslash at the end', '/v2/a/b/manifests/..\\x'],
      ['a NUL', '/v2/a/b/manifests/latest\0'],
      ['a line feed', '/v2/a/b/manifests/latest\n'],
      ['a space', '/v2/a/b/manifests/la test'],
      ['a fragment', '/v2/a/b/manifests/latest#x'],
      ['letters beyond ASCII', '/v2/ä/b/manifests/latest'],
      ['a byte beyond ASCII, as Node hands it over', '/v2/a/b/manifests/\xff'],
      ['a full-width slash', '/v2/a／b/manifests/latest'],
      ['another scheme', 'ftp://host/v2/'],
      ['a host without a path', 'http://host'],
      ['a host with only a query', 'http://host?/v2/'],
      ['no host', 'http:///v2/'],
      ['a backslash in the host', 'http://host\\/v2/'],
      ['an asterisk', '*'],
      ['host and port only', 'host:443'],
      ['a path without a slash', 'v2/'],
      ['nothing', ''],
    ])('%s', (_, target) => expect(() => parseDataPlaneRoute(target)).toThrow(InvalidTargetError));
  });

  describe('refuses a bad name in a good route by its own code', () => {
    it.each([
      `/v2/A/b/manifests/latest`,
      `/v2/a_-b/blobs/${digest}`,
      `/v2/a/-b/tags/list`,
      `/v2/a/b-/referrers/${digest}`,
      `/v2/_catalog/tags/list`,
      `/v2/a/_oci/blobs/uploads/`,
      `/v2/a/_oci/blobs/uploads/x`,
      `/v2/a%3Ab/manifests/latest`,
      `/v2/a:b/_oci/ext/discover`,
      `/v2/${'a'.repeat(256)}/manifests/latest`,
    ])('%s', (target) => expect(() => parseDataPlaneRoute(target)).toThrow(InvalidRepositoryNameError));
  });

  it('carries the query, decoded when asked', () => {
    const { query } = parseDataPlaneRoute('/v2/a/b/manifests/x?tag=a&tag=b%2Bc&digest=sha256%3Aabc&empty=&last=x?y');
    expect(query.getAll('tag')).toEqual(['a', 'b+c']);
    expect([query.get('digest'), query.get('empty'), query.get('last')]).toEqual(['sha256:abc', '', 'x?y']);
    expect([query.get('none'), query.has('none'), query.has('empty')]).toEqual([null, false, true]);
  });

  it('comes to an end on long targets', () => {
    const long = 1_000_000;
    expect(routeOf(`/v2${'/a'.repeat(long)}`)).toEqual({ kind: 'not-found' });
    expect(() => routeOf(`/v2${'/a'.repeat(long)}/manifests/x`)).toThrow(InvalidRepositoryNameError);
    expect(() => routeOf('/'.repeat(long))).toThrow(InvalidTargetError);
    expect(() => routeOf(`/v2/a/manifests/${'%3A'.repeat(long)}%`)).toThrow(InvalidTargetError);
    expect(routeOf(`/v2/a/manifests/${'%3A'.repeat(long)}`)).toMatchObject({ referenceText: ':'.repeat(long) });
  });
});
