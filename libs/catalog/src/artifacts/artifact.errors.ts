import { AppError } from '@breakwater/errors';
import type { Reference, RepositoryName } from '@breakwater/oci';

/** An accessory goes where its subject goes, and nowhere alone. */
export class ArtifactIsAccessoryError extends AppError {
  readonly code = 'ARTIFACT_IS_ACCESSORY';
  readonly kind = 'forbidden';
  constructor(repository: RepositoryName, reference: Reference) {
    const text = reference.kind === 'tag' ? `:${reference.tag}` : `@${reference.digest}`;
    super("the operation isn't supported for an artifact accessory", { artifact: `${repository}${text}` });
  }
}
