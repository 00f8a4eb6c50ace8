import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { repositoryNames, tags } from '../testing/arbitraries.js';
import { InvalidPageSizeError, MAX_PAGE_SIZE, nextLink, parsePage } from './paging.js';
import { DataPlanePath } from './route/paths.js';
import { RouteQuery } from './route/route-query.js';
import { parseDataPlaneRoute } from './route/route.js';

const page = (query: string): object => parsePage(new RouteQuery(query));

describe('parsePage', () => {
  it.each<[string, number | null, string | null]>([
    ['', null, null],
    ['n=', null, null],
    ['n=0', 0, null],
    ['n=50&last=v1', 50, 'v1'],
    ['last=v1', null, 'v1'],
    ['n=007', 7, null],
    ['n=10001', MAX_PAGE_SIZE, null],
    ['n=2147483648', MAX_PAGE_SIZE, null],
    [`n=${'9'.repeat(400)}`, MAX_PAGE_SIZE, null],
    ['n=3&n=5', 3, null],
    ['last=', null, null],
    ['last=no%20tag%20at%20all', null, 'no tag at all'],
    ['last=a%00b', null, 'a'],
    ['last=%00', null, null],
  ])('reads "%s"', (query, n, last) => expect(page(query)).toEqual({ n, last }));

  it.each(['n=-1', 'n=1.5', 'n=1e3', 'n=ten', 'n=%2B5', 'n=+5', 'n=0x10', 'n=5%0a', 'n=NaN', 'n=%D9%A1'])(
    'refuses %s as PAGINATION_NUMBER_INVALID',
    (query) => expect(() => page(query)).toThrow(InvalidPageSizeError),
  );

  it('cuts `last` only where no name can tell the difference', () => {
    const longest = fc.constantFrom('a'.repeat(255), 'b'.repeat(254));
    const ends = fc.oneof(fc.constantFrom('', '\0', '\0x', '/', 'a', 'x'.repeat(300)), fc.string());
    const pairs = fc.oneof(
      fc.tuple(fc.string({ unit: 'grapheme-ascii' }), fc.oneof(repositoryNames, tags)),
      fc
        .tuple(fc.oneof(repositoryNames, longest), fc.nat(255), ends)
        .map(([name, cut, end]) => [name.slice(0, cut) + end, name]),
    );
    fc.assert(
      fc.property(pairs, ([last = '', name = '']) => {
        const bound = parsePage({ get: (key) => (key === 'last' ? last : null) }).last ?? '';
        expect(name > bound).toBe(name > last);
        expect(bound).not.toContain('\0');
      }),
      { numRuns: 500 },
    );
  });

  it('answers any query with a page within the cap, or one error', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (n, last) => {
        try {
          const request = parsePage(new RouteQuery(`n=${n}&last=${last}`));
          expect(request.n ?? 0).toBeGreaterThanOrEqual(0);
          expect(request.n ?? 0).toBeLessThanOrEqual(MAX_PAGE_SIZE);
        } catch (error) {
          expect(error).toBeInstanceOf(InvalidPageSizeError);
        }
      }),
    );
  });
});

describe('nextLink', () => {
  it('is relative, quotes rel, and encodes what it must', () => {
    expect(nextLink('/v2/a/b/tags/list', { last: 'v1', n: 2 })).toBe('</v2/a/b/tags/list?last=v1&n=2>; rel="next"');
    expect(nextLink('/v2/_catalog', { last: 'a/b' })).toBe('</v2/_catalog?last=a%2Fb>; rel="next"');
  });

  it('keeps the client’s other parameters and replaces the old page', () => {
    const asked = new RouteQuery('n=2&artifactType=a%2Fb%2Bc&last=old&last=older');
    expect(nextLink('/v2/a/referrers/x', { last: 'new', n: 2 }, asked)).toBe(
      '</v2/a/referrers/x?artifactType=a%2Fb%2Bc&last=new&n=2>; rel="next"',
    );
  });

  it('leads to where it says, through the router, whatever the parameters', () => {
    const queries = fc.array(fc.tuple(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' })), {
      maxLength: 3,
    });
    fc.assert(
      fc.property(repositoryNames, fc.string({ unit: 'binary' }), fc.nat(), queries, (name, last, n, pairs) => {
        const asked = new RouteQuery(new URLSearchParams(pairs).toString());
        const link = nextLink(DataPlanePath.tags(name), { last, n }, asked);
        const target = /^<(\/[^<>"\s]*)>; rel="next"$/.exec(link)?.[1] ?? '';
        const route = parseDataPlaneRoute(target);
        expect(route).toMatchObject({ kind: 'tags', name });
        expect([route.query.get('last'), route.query.get('n')]).toEqual([last.toWellFormed(), String(n)]);
        const others = asked.entries().filter(([key]) => key !== 'last' && key !== 'n');
        expect(route.query.entries().slice(0, others.length)).toEqual(others);
      }),
    );
  });
});
