import { AppError } from '@breakwater/errors';

/** A project can only be a cache of a registry that is known. */
export class RegistryUnknownError extends AppError {
  readonly code = 'REGISTRY_UNKNOWN';
  readonly kind = 'invalid';
  constructor(registryId: number) {
    super(`there is no registry ${registryId}`, { registryId });
  }
}

/** The allowlist in the body says that it is another project's. */
export class AllowlistOfOtherProjectError extends AppError {
  readonly code = 'ALLOWLIST_OF_OTHER_PROJECT';
  readonly kind = 'invalid';
  constructor(projectId: number) {
    super(`the CVE allowlist in the body is of project ${projectId}`, { projectId });
  }
}
