import { AppError } from '@breakwater/errors';
import type { Digest, Reference, RepositoryName } from '@breakwater/oci';

/** No manifest under this tag or digest. */
export class ManifestUnknownError extends AppError {
  readonly code = 'MANIFEST_UNKNOWN';
  readonly kind = 'not-found';
  /** @param repository  null when it went away after it had been found. */
  constructor(repository: RepositoryName | null, reference: Reference) {
    const text = reference.kind === 'tag' ? `:${reference.tag}` : `@${reference.digest}`;
    super(`artifact ${repository ?? ''}${text} not found`, { repository, reference: text.slice(1) });
  }
}

/** The manifest names content that the repository does not hold, and the project does not allow gaps. */
export class ManifestBlobUnknownError extends AppError {
  readonly code = 'MANIFEST_BLOB_UNKNOWN';
  readonly kind = 'invalid';
  constructor(
    repository: RepositoryName,
    readonly missing: readonly Digest[],
  ) {
    super(`content that the manifest names is not in ${repository}: ${some(missing)}`, { missing });
  }
}

/** An index of the repository holds the artifact: the index goes first. */
export class ArtifactReferencedError extends AppError {
  readonly code = 'ARTIFACT_REFERENCED';
  readonly kind = 'precondition';
  constructor(
    repository: RepositoryName,
    digest: Digest,
    readonly parents: readonly Digest[],
  ) {
    super(`artifact ${repository}@${digest} is held by ${some(parents)}`, { repository, digest, parents });
  }
}

const SHOWN = 3;

function some(digests: readonly Digest[]): string {
  const rest = digests.length - SHOWN;
  return digests.slice(0, SHOWN).join(', ') + (rest > 0 ? ` and ${rest} more` : '');
}
