import { AppError } from '@breakwater/errors';
import { findReference, RepositoryName, type Reference } from '@breakwater/oci';

export interface CopySource {
  readonly repository: RepositoryName;
  /** Null: the text names none, which no artifact matches. */
  readonly reference: Reference | null;
  /** As it was written, for the path of the copy. */
  readonly text: string;
}

/**
 * Reads `project/repository:tag`, `project/repository@digest`, or both, of which the digest counts.
 *
 * @throws InvalidCopySourceError
 */
export function parseCopySource(text: string): CopySource {
  const at = text.indexOf('@');
  const digest = at < 0 ? null : text.slice(at + 1);
  const named = at < 0 ? text : text.slice(0, at);
  const colon = named.indexOf(':');
  const tag = colon < 0 ? null : named.slice(colon + 1);
  const name = colon < 0 ? named : named.slice(0, colon);
  if (!RepositoryName.is(name) || !RepositoryName.hasProject(name)) throw new InvalidCopySourceError();
  for (const [part, kind] of [
    [tag, 'tag'],
    [digest, 'digest'],
  ] as const) {
    if (part !== null && findReference(part)?.kind !== kind) throw new InvalidCopySourceError();
  }
  const reference = digest ?? tag;
  return { repository: name, reference: reference === null ? null : findReference(reference), text: reference ?? '' };
}

export class InvalidCopySourceError extends AppError {
  readonly code = 'INVALID_COPY_SOURCE';
  readonly kind = 'invalid';
  constructor() {
    super('from must be project/repository:tag or project/repository@digest');
  }
}
