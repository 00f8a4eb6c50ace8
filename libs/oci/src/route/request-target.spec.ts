import { describe, expect, it } from '@jest/globals';
import { InvalidTargetError, isPlainSegment, requireWellFormedPath, withoutAuthority } from './request-target.js';

const everyCharacter = Array.from({ length: 0x180 }, (_, code) => String.fromCharCode(code));
const isRefused = (path: string): boolean => {
  try {
    requireWellFormedPath(path);
    return false;
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidTargetError);
    return true;
  }
};

describe('a character of a path', () => {
  it('is plain to the fast check, to the whole check and in an authority, or to none of them', () => {
    const plain = everyCharacter.filter(
      (character) => character > ' ' && character < '\x7f' && !'#%/?\\'.includes(character),
    );
    expect(everyCharacter.filter((character) => isPlainSegment(`a${character}`))).toEqual(plain);
    expect(everyCharacter.filter((character) => !isRefused(`/a${character}`))).toEqual(
      [...plain, '/'].sort((one, other) => (one < other ? -1 : 1)),
    );
    for (const character of plain) expect(withoutAuthority(`http://a${character}/v2/`)).toBe('/v2/');
  });

  it('may be an encoded colon and no other encoding', () => {
    const encodings = Array.from({ length: 256 }, (_, code) => `%${code.toString(16).padStart(2, '0')}`);
    expect(encodings.filter((encoding) => !isRefused(`/a${encoding}b`))).toEqual(['%3a']);
    expect([isRefused('/a%3Ab'), isRefused('/a%3'), isRefused('/a%')]).toEqual([false, true, true]);
  });
});

describe('requireWellFormedPath', () => {
  it.each(['/', '/v2/', '/v2/a/b', '/v2/a/...', '/v2/a/..b', '/v2/a/b..', '/v2/.a/b', ''])('lets %j pass', (path) =>
    expect(isRefused(path)).toBe(false),
  );

  it.each(['//', '/v2//', '/..', '/.', '/../', '/v2/..', '/v2/../', '/v2/./a', '/v2/a/.'])('refuses %j', (path) =>
    expect(isRefused(path)).toBe(true),
  );
});
