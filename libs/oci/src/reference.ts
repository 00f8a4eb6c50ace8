import { Digest } from './digest.js';
import { Tag } from './tag.js';

/** What names a manifest within its repository. */
export type Reference =
  { readonly kind: 'digest'; readonly digest: Digest } | { readonly kind: 'tag'; readonly tag: Tag };

/**
 * For writes: says what is wrong with the text.
 *
 * A `:` cannot stand in a tag, so a text that has one was meant as a digest and is judged as one: a `PUT` to
 * `manifests/sha256:baddigeststring` is 400 DIGEST_INVALID, never 404.
 *
 * @throws InvalidDigestError
 * @throws InvalidTagError
 */
export function parseReference(text: string): Reference {
  return text.includes(':') ? { kind: 'digest', digest: Digest.parse(text) } : { kind: 'tag', tag: Tag.parse(text) };
}

/** For reads: what cannot be a reference cannot exist either, so the answer to null is 404. */
export function findReference(text: string): Reference | null {
  if (Tag.is(text)) return { kind: 'tag', tag: text };
  return Digest.is(text) ? { kind: 'digest', digest: text } : null;
}
