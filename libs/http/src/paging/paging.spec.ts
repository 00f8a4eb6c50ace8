import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { pageLinks } from './page-headers.js';
import { MAX_UNPAGED_ROWS, pageOf } from './page-query.js';

const page = (number: number, size: number) => pageOf({ page: number, page_size: size });

describe('pageOf', () => {
  it.each([
    [1, 10, { number: 1, limit: 10, offset: 0, isUnpaged: false }],
    [3, 100, { number: 3, limit: 100, offset: 200, isUnpaged: false }],
    [0, 10, { number: 1, limit: 10, offset: 0, isUnpaged: false }],
    [-5, 10, { number: 1, limit: 10, offset: 0, isUnpaged: false }],
    [4, 0, { number: 1, limit: MAX_UNPAGED_ROWS, offset: 0, isUnpaged: true }],
    [1, -1, { number: 1, limit: MAX_UNPAGED_ROWS, offset: 0, isUnpaged: true }],
  ])('page %p of size %p', (number, size, expected) => expect(page(number, size)).toEqual(expected));
});

describe('pageLinks', () => {
  it.each([
    ['one page', '/l', page(1, 10), 10, ''],
    ['nothing', '/l', page(1, 10), 0, ''],
    ['the first of two', '/l', page(1, 10), 11, '</l?page=2&page_size=10>; rel="next"'],
    ['the last of two', '/l?page=2', page(2, 10), 11, '</l?page=1&page_size=10>; rel="prev"'],
    [
      'one in the middle',
      '/l?page=2&page_size=5&name=x',
      page(2, 5),
      15,
      '</l?name=x&page=1&page_size=5>; rel="prev" , </l?name=x&page=3&page_size=5>; rel="next"',
    ],
    ['a page beyond the end', '/l?page=9', page(9, 10), 11, ''],
    ['everything', '/l?page_size=-1', page(1, -1), 500, ''],
    ['more than everything', '/l?page_size=0', page(1, 0), 10_001, '</l?page=101&page_size=100>; rel="next"'],
    [
      'escapes that make it hard to read',
      '/a%252Fb/l?q=name%3D~a%20b&sort=-x',
      page(1, 10),
      11,
      '</a%252Fb/l?page=2&page_size=10&q=name=~a b&sort=-x>; rel="next"',
    ],
    ['a space at the end', '/l?q=a+', page(1, 10), 11, '</l?page=2&page_size=10&q=a%20>; rel="next"'],
    [
      'escapes that are needed',
      '/l?q=a%3D%2526%252B%26b%23%3Bc%22%3E%0D%0AX:%20y%C3%A4',
      page(1, 10),
      11,
      '</l?page=2&page_size=10&q=a=%2526%252B%26b%23%3Bc%22%3E%0D%0AX: y%C3%A4>; rel="next"',
    ],
  ])('of %s', (_, url, page, total, link) => expect(pageLinks(url, page, total)).toBe(link));

  it('goes on after "everything" where the answer ended', () => {
    expect(page(101, 100).offset).toBe(MAX_UNPAGED_ROWS);
  });

  it('is always a header, and leads to the same question on another page', () => {
    const query = fc.dictionary(fc.string({ unit: 'grapheme', minLength: 1 }), fc.string({ unit: 'grapheme' }));
    fc.assert(
      fc.property(query, (given) => {
        const { page: _, page_size: __, ...asked } = given;
        const link = pageLinks(`/l?${new URLSearchParams(asked).toString()}`, page(1, 10), 11);
        expect(link).toMatch(/^<[\x20-\x7e]*>; rel="next"$/);
        const followed = new URL(link.slice(1, link.lastIndexOf('>')), 'http://x');
        expect(Object.fromEntries(followed.searchParams)).toEqual({ ...asked, page: '2', page_size: '10' });
      }),
    );
  });
});
