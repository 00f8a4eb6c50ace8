import { describe, expect, it } from '@jest/globals';
import { RepositoryName } from '@breakwater/oci';
import fc from 'fast-check';
import {
  allows,
  formatScopes,
  grant,
  MAX_SCOPES,
  parseScopes,
  REGISTRY_ACTIONS,
  type TokenAccess,
} from './token-scope.js';

const name = (text: string) => RepositoryName.parse(text);

describe('parseScopes', () => {
  it.each<[string, string | string[] | undefined, string]>([
    ['one scope', 'repository:team/app:pull', 'repository:team/app:pull'],
    ['several in one value', 'repository:a/b:pull repository:a/c:push', 'repository:a/b:pull repository:a/c:push'],
    [
      'several values',
      ['repository:a/b:pull', 'repository:a/c:push,pull'],
      'repository:a/b:pull repository:a/c:pull,push',
    ],
    ['the same name twice', ['repository:a/b:pull', 'repository:a/b:push'], 'repository:a/b:pull,push'],
    ['a class', 'repository(plugin):a/b:pull', 'repository:a/b:pull'],
    ['a star', 'repository:a/b:*', 'repository:a/b:pull,push,delete'],
    ['the catalog', 'registry:catalog:*', 'registry:catalog:*'],
    ['unknown actions beside known ones', 'repository:a/b:pull,scanner-pull,frob,pull', 'repository:a/b:pull'],
  ])('reads %s', (_, value, text) => expect(formatScopes(parseScopes(value))).toBe(text));

  it.each([
    undefined,
    '',
    '   ',
    ['', ' '],
    'repository',
    'repository:a/b',
    'repository:a/b:',
    'repository::pull',
    'artifact:a/b:pull',
    'REPOSITORY:a/b:pull',
    'repository):a/b:pull',
    '(x):a/b:pull',
    'registry:catalog:pull',
    'registry:everything:*',
    'repository:../etc:pull',
    'repository:a//b:pull',
    'repository:A/b:pull',
    'repository:a/b:PULL',
  ])('drops %p', (value) => expect(parseScopes(value)).toEqual([]));

  it('splits the actions at the last colon, so a host and port stay in the name and match no repository', () => {
    expect(parseScopes('repository:localhost:5000/a/b:pull')).toEqual([]);
  });

  it('reads no more than a token can carry', () => {
    const many = Array.from({ length: 1000 }, (_, index) => `repository:a/b${index}:pull`).join(' ');
    expect(parseScopes(many)).toHaveLength(MAX_SCOPES);
  });

  it('never throws and only yields what the grammar has', () => {
    const piece = fc.oneof(
      fc.string(),
      fc.constantFrom('repository', 'registry', ':', 'a/b', 'pull', '*', ',', ' ', '(', ')'),
    );
    const text = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(''));
    fc.assert(
      fc.property(fc.oneof(text, fc.array(text)), (value) => {
        for (const access of parseScopes(value)) {
          if (access.type === 'registry') expect(access).toEqual({ type: 'registry', name: 'catalog', actions: ['*'] });
          else {
            expect(RepositoryName.is(access.name)).toBe(true);
            expect(REGISTRY_ACTIONS.filter((action) => access.actions.includes(action))).toEqual(access.actions);
            expect(access.actions.length).toBeGreaterThan(0);
          }
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe('grant', () => {
  const access = fc.oneof(
    fc.constant<TokenAccess>({ type: 'registry', name: 'catalog', actions: ['*'] }),
    fc.record({
      type: fc.constant('repository' as const),
      name: fc.constantFrom('a/b', 'a/c', 'a/b/c').map(name),
      actions: fc.subarray([...REGISTRY_ACTIONS]),
    }),
  );
  const flat = (list: readonly TokenAccess[]) =>
    new Set(
      list.flatMap((each) =>
        (each.actions as readonly string[]).map((action) => `${each.type}:${each.name}:${action}`),
      ),
    );

  it('is the intersection: never more than was asked, never more than is allowed, and never less than both', () => {
    fc.assert(
      fc.property(fc.array(access), fc.array(access), (asked, allowed) => {
        const both = [...flat(asked)].filter((each) => flat(allowed).has(each));
        expect([...flat(grant(asked, allowed))]).toEqual(both);
      }),
      { numRuns: 500 },
    );
  });

  it('does not spill to a repository whose name begins alike', () => {
    const granted = grant(parseScopes('repository:a/b/c:pull'), parseScopes('repository:a/b:pull'));
    expect(granted).toEqual([]);
    expect(allows(parseScopes('repository:a/b:pull'), name('a/b/c'), 'pull')).toBe(false);
  });
});
