import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { InvalidProjectNameError, isProjectName, parseProjectName } from './project-name.js';

describe('project names', () => {
  it.each(['a', '0', 'library', 'a.b_c-d', 'team1', 'x'.repeat(255)])('allows %p', (name) => {
    expect(parseProjectName(name)).toBe(name);
  });

  it.each(['', 'A', 'a..b', 'a__b', '-a', 'a-', 'a/b', 'a b', 'ä', 'a\n', 'x'.repeat(256), 'a#1'])(
    'refuses %p',
    (name) => expect(() => parseProjectName(name)).toThrow(InvalidProjectNameError),
  );

  it('are built of runs and single joints, and nothing else', () => {
    const run = fc.stringMatching(/^[a-z0-9]{1,5}$/);
    const parts = fc.array(fc.tuple(run, fc.constantFrom('.', '_', '-')), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(parts, fc.constantFrom('.', '_', '-'), (pieces, joint) => {
        const name = pieces
          .map(([run, joint]) => run + joint)
          .join('')
          .slice(0, -1);
        expect(isProjectName(name)).toBe(true);
        expect(isProjectName(name + joint)).toBe(false);
        expect(isProjectName(`${name}${joint}${joint}${name}`)).toBe(false);
      }),
    );
  });

  it('answer fast for a hostile text', () => {
    const hostile = 'a'.repeat(250) + '--';
    expect(isProjectName(hostile)).toBe(false);
  });
});
