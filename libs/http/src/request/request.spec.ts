import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseBasic, parseBearer } from './authorization.js';
import { canonicalUrl, checkTarget } from './canonical-url.js';
import { requestIdOf } from './request-id.js';

const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;

describe('parseBasic', () => {
  it('splits at the first colon and reads UTF-8', () => {
    expect(parseBasic(basic('bob:a:b:c'))).toEqual({ username: 'bob', password: 'a:b:c' });
    expect(parseBasic(basic('ü:pässword'))).toEqual({ username: 'ü', password: 'pässword' });
    expect(parseBasic(basic('robot$team+ci:s'))).toEqual({ username: 'robot$team+ci', password: 's' });
    expect(parseBasic(basic(':'))).toEqual({ username: '', password: '' });
    expect(parseBasic(`bAsIc  ${Buffer.from('a:b').toString('base64')} `)).toEqual({ username: 'a', password: 'b' });
  });

  it.each([
    undefined,
    '',
    'Basic',
    'Basic ',
    'Bearer abc',
    basic('nocolon'),
    'Basic !!!!',
    'Basic YTpi YTpi',
    `Basic ${Buffer.from([0xff, 0x3a, 0xfe]).toString('base64')}`,
  ])('gives null for %p', (header) => expect(parseBasic(header)).toBeNull());

  it('gives back what a client encodes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (name, password) => {
        const username = name.replaceAll(':', '');
        expect(parseBasic(basic(`${username}:${password}`))).toEqual({ username, password });
      }),
    );
  });
});

describe('parseBearer', () => {
  it('reads the token', () => expect(parseBearer('bearer a.b-c_d~e+f/g==')).toBe('a.b-c_d~e+f/g=='));

  it.each([undefined, '', 'Bearer', 'Bearer ', 'Basic abc', 'Bearer a b', 'Bearer a,b', 'Bearer ä'])(
    'gives null for %p',
    (header) => expect(parseBearer(header)).toBeNull(),
  );
});

describe('canonicalUrl', () => {
  it.each([
    ['/a/b?x=//y', '/a/b?x=//y'],
    ['//a///b//?x=//y', '/a/b/?x=//y'],
    ['///', '/'],
    ['/a', '/a'],
  ])('%s becomes %s', (url, canonical) => expect(canonicalUrl(url)).toBe(canonical));

  it('leaves no run of slashes in the path, and never touches the query', () => {
    const path = fc.array(fc.constantFrom('/', 'a', '..', '%2f')).map((parts) => `/${parts.join('')}`);
    fc.assert(
      fc.property(path, fc.string(), (path, query) => {
        const [before, ...after] = canonicalUrl(`${path}?${query}`).split('?');
        expect(before).not.toContain('//');
        expect(after.join('?')).toBe(query);
      }),
    );
  });
});

describe('checkTarget', () => {
  it.each(['/', '/a%20b', '/a?b=c%2Bd&e=f', '/a%252F?q=%C3%A4', '/a?q=100%25'])('passes %s', (url) => {
    expect(() => checkTarget(url)).not.toThrow();
  });

  it.each(['/a?b;c', '/a?b=%', '/a?b=%zz', '/%', '/%00', '/a?b=%00', '/a?b=%c3', '/%ff'])('refuses %s', (url) => {
    expect(() => checkTarget(url)).toThrow(/query string|path/);
  });
});

describe('requestIdOf', () => {
  it('never yields what cannot stand in a header or a line of the log', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ unit: 'binary' })), (given) => {
        expect(requestIdOf({ 'x-request-id': given })).toMatch(/^[\x21-\x7e]{1,128}$/);
      }),
    );
  });
});
