import { describe, expect, it } from '@jest/globals';
import { parseExportFilter, patternToRegex } from './export-filter.js';

describe('patternToRegex', () => {
  it.each([
    ['app', ['app'], ['apps', 'a/app']],
    ['app*', ['app', 'apps'], ['app/x']],
    ['**', ['app', 'a/b/c'], []],
    ['a/**', ['a/b', 'a/b/c'], ['a', 'b/a']],
    ['v?', ['v1'], ['v', 'v10', 'v/']],
    ['one,two*', ['one', 'two2'], ['three']],
    ['{one,two}.x', ['one.x', 'two.x'], ['one', 'onexx', '{one,two}.x']],
    ['{one', ['{one'], ['one']],
    ['a.b+c', ['a.b+c'], ['axb+c', 'a.bbc']],
  ])('%s', (patterns, matches, others) => {
    const regex = new RegExp(patternToRegex(patterns) ?? '', 'u');
    expect(matches.filter((text) => !regex.test(text))).toEqual([]);
    expect(others.filter((text) => regex.test(text))).toEqual([]);
  });

  it.each(['', ',', ',,'])('of %j leaves nothing out', (patterns) => expect(patternToRegex(patterns)).toBeNull());
});

describe('parseExportFilter', () => {
  const NONE = { repositories: '', tags: '', cveIds: '' };

  it.each([{ tags: 'a, b' }, { cveIds: 'CVE-1\n' }, { repositories: ' ' }, { tags: 'x'.repeat(5_000) }])(
    'refuses %j',
    (given) => expect(() => parseExportFilter({ ...NONE, ...given })).toThrow('invalid'),
  );

  it('takes the rest', () => expect(parseExportFilter({ ...NONE, tags: 'v*,w' }).tags).toBe('v*,w'));
});
