import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { InvalidRepositoryNameError, RepositoryName } from './repository-name.js';
import { hostileTexts, repositoryNames, textOf } from '../testing/arbitraries.js';

/** The grammar as the spec prints it. Only for short texts: it backtracks. */
const SPEC = /^[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(\/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*$/;

describe('RepositoryName', () => {
  it.each(['a', 'library/alpine', 'a.b/c_d/e__f/g-h/i---j', '0/1', 'manifests/blobs/uploads', `p/${'a'.repeat(253)}`])(
    'takes %s',
    (text) => expect(RepositoryName.parse(text)).toBe(text),
  );

  it.each([
    ['nothing', ''],
    ['a slash in front', '/a'],
    ['a slash at the end', 'a/'],
    ['an empty component', 'a//b'],
    ['a dot segment', 'a/../b'],
    ['a dot at the start', '.a/b'],
    ['a dash at the end', 'a/b-'],
    ['three underscores', 'a___b'],
    ['two dots', 'a..b'],
    ['mixed joints', 'a._b'],
    ['a dash after an underscore', 'a_-b'],
    ['upper case', 'Library/alpine'],
    ['a reserved extension path', 'a/_oci'],
    ['a backslash', 'a\\b'],
    ['an encoded slash', 'a%2fb'],
    ['a NUL', 'a\0b'],
    ['a line feed at the end', 'a/b\n'],
    ['letters beyond ASCII', 'ä/b'],
    ['256 characters', 'a'.repeat(256)],
  ])('refuses %s', (_, text) => {
    expect(() => RepositoryName.parse(text)).toThrow(InvalidRepositoryNameError);
  });

  it('agrees with the grammar of the spec', () => {
    const almostNames = textOf([...'ab0._-/A'], 0, 14);
    fc.assert(
      fc.property(fc.oneof({ weight: 3, arbitrary: almostNames }, { weight: 1, arbitrary: hostileTexts }), (text) => {
        expect(RepositoryName.is(text)).toBe(text.length <= 255 && SPEC.test(text));
      }),
      { numRuns: 2000 },
    );
  });

  it('takes every name the rules can build, and takes it apart without loss', () => {
    fc.assert(
      fc.property(repositoryNames, (name) => {
        expect(RepositoryName.is(name)).toBe(true);
        const rest = RepositoryName.withinProject(name);
        expect(RepositoryName.projectOf(name) + (RepositoryName.hasProject(name) ? `/${rest}` : rest)).toBe(name);
        expect(RepositoryName.projectOf(name)).not.toContain('/');
      }),
    );
  });

  it('has a project only with two components or more', () => {
    const [one, three] = [RepositoryName.parse('alpine'), RepositoryName.parse('team/tools/cache')];
    expect([RepositoryName.hasProject(one), RepositoryName.withinProject(one)]).toEqual([false, '']);
    expect([RepositoryName.projectOf(three), RepositoryName.withinProject(three)]).toEqual(['team', 'tools/cache']);
  });

  it('comes to an end on texts made to make the spec’s expression backtrack', () => {
    const hostile = [
      `${'a'.repeat(100_000)}!`,
      `${'a-'.repeat(100_000)}`,
      `${'a/'.repeat(120)}_`,
      '-'.repeat(1_000_000),
    ];
    expect(hostile.map(RepositoryName.is)).toEqual([false, false, false, false]);
  });
});
