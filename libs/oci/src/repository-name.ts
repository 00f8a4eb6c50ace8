import { AppError } from '@breakwater/errors';
import type { Branded } from './branded.js';
import { excerpt, quoted } from './excerpt.js';

/**
 * A name of the OCI grammar, e.g. `library/alpine` or `team-a/tools/build_cache`, at most 255 characters.
 *
 * Breakwater's repositories are `<project>/<rest…>`; a name of one component is well formed but lives in no project.
 */
export type RepositoryName = Branded<string, 'RepositoryName'>;

/** Many clients limit `host[:port]/name` to 255; the host is theirs, so this is only the upper bound. */
export const MAX_REPOSITORY_NAME_LENGTH = 255;

export const RepositoryName = {
  is: (text: string): text is RepositoryName => text.length <= MAX_REPOSITORY_NAME_LENGTH && followsGrammar(text),

  /** @throws InvalidRepositoryNameError */
  parse(text: string): RepositoryName {
    if (!RepositoryName.is(text)) throw new InvalidRepositoryNameError(text);
    return text;
  },

  hasProject: (name: RepositoryName): boolean => name.includes('/'),

  /** The first component: `library` of `library/alpine`, and all of a name that has no other. */
  projectOf(name: RepositoryName): string {
    const slash = name.indexOf('/');
    return slash < 0 ? name : name.slice(0, slash);
  },

  /** Everything after the project: `tools/cache` of `team/tools/cache`; empty where there is no project. */
  withinProject(name: RepositoryName): string {
    const slash = name.indexOf('/');
    return slash < 0 ? '' : name.slice(slash + 1);
  },
} as const;

export class InvalidRepositoryNameError extends AppError {
  readonly code = 'NAME_INVALID';
  readonly kind = 'invalid';
  constructor(text: string) {
    super(`${quoted(text)} is not a repository name`, { name: excerpt(text) });
  }
}

const AFTER_SLASH = 0;
const AFTER_LETTER = 1;
const AFTER_DOT = 2;
const AFTER_UNDERSCORE = 3;
const AFTER_TWO_UNDERSCORES = 4;
const AFTER_DASH = 5;

/**
 * Components of lower-case letters and digits, joined inside by `.`, `_`, `__` or any number of `-`; components are
 * joined by `/`. One pass over the characters, because every request of the data plane comes through here and the
 * spec's own regular expression invites backtracking.
 *
 * @see OCI distribution-spec, "Pulling manifests", `<name>`.
 */
function followsGrammar(text: string): boolean {
  let state = AFTER_SLASH;
  for (let index = 0; index < text.length; index += 1) {
    const character = text.charCodeAt(index);
    if ((character >= 0x61 && character <= 0x7a) || (character >= 0x30 && character <= 0x39)) {
      state = AFTER_LETTER;
    } else if (state === AFTER_LETTER) {
      state = stateAfterJoint(character);
      if (state < 0) return false;
    } else if (state === AFTER_UNDERSCORE && character === 0x5f) {
      state = AFTER_TWO_UNDERSCORES;
    } else if (state !== AFTER_DASH || character !== 0x2d) {
      return false;
    }
  }
  return state === AFTER_LETTER;
}

function stateAfterJoint(character: number): number {
  switch (character) {
    case 0x2f:
      return AFTER_SLASH;
    case 0x2d:
      return AFTER_DASH;
    case 0x2e:
      return AFTER_DOT;
    case 0x5f:
      return AFTER_UNDERSCORE;
    default:
      return -1;
  }
}
