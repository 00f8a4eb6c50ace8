import { AppError } from '@breakwater/errors';
import type { Branded } from './branded.js';
import { excerpt, quoted } from './excerpt.js';

/** A tag, case-sensitive: `latest` and `Latest` are two. At most 128 characters. */
export type Tag = Branded<string, 'Tag'>;

const GRAMMAR = /^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/;

export const Tag = {
  is: (text: string): text is Tag => GRAMMAR.test(text),

  /** @throws InvalidTagError */
  parse(text: string): Tag {
    if (!Tag.is(text)) throw new InvalidTagError(text);
    return text;
  },

  find: (text: string): Tag | null => (Tag.is(text) ? text : null),
} as const;

export class InvalidTagError extends AppError {
  readonly code = 'TAG_INVALID';
  readonly kind = 'invalid';
  constructor(text: string) {
    super(`${quoted(text)} is not a tag: 1 to 128 of letters, digits, "_", ".", "-", not beginning with "." or "-"`, {
      tag: excerpt(text),
    });
  }
}
