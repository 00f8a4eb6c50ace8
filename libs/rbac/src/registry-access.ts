import type { RepositoryName } from '@breakwater/oci';
import type { Actor } from './actor.js';
import { can, SYSTEM, type ProjectSubject } from './authorize.js';
import { permission, type Permission } from './permission.js';
import { REGISTRY_ACTIONS, type CatalogAccess, type RegistryAction, type TokenAccess } from './token-scope.js';

/**
 * The right behind each verb of /v2, as in Harbor.
 *
 * - A push makes the repository if it is new: every role that may push may also create, and robots cannot be given
 *   `repository:create` at all, so it is not asked for.
 * - `delete` removes manifests and tags. It needs `repository:delete`; `artifact:delete` and `tag:delete` govern the
 *   REST API only, so a robot that cleans up through the API does not gain a wider token by it.
 */
export const REGISTRY_PERMISSION = {
  pull: permission('repository:pull'),
  push: permission('repository:push'),
  delete: permission('repository:delete'),
} as const satisfies Record<RegistryAction, Permission>;

/** What `actor` may do to the repositories of one project, by the same decision as everywhere. */
export function registryActions(actor: Actor, project: ProjectSubject): RegistryAction[] {
  return REGISTRY_ACTIONS.filter((action) => can(actor, REGISTRY_PERMISSION[action], project));
}

/**
 * The allowed side of a token: for every asked name all that `actor` may do there. Intersect it with `grant`.
 *
 * @param subjectOf  the project of a repository with the caller's roles in it; null when there is no such project,
 *   which allows nothing.
 */
export function allowedAccess(
  actor: Actor,
  asked: readonly TokenAccess[],
  subjectOf: (repository: RepositoryName) => ProjectSubject | null,
): TokenAccess[] {
  return asked.flatMap((wanted): TokenAccess[] => {
    if (wanted.type === 'registry') return can(actor, permission('catalog:read'), SYSTEM) ? [CATALOG] : [];
    const project = subjectOf(wanted.name);
    const actions = project === null ? [] : registryActions(actor, { ...project, repository: wanted.name });
    return actions.length === 0 ? [] : [{ type: 'repository', name: wanted.name, actions }];
  });
}

const CATALOG: CatalogAccess = { type: 'registry', name: 'catalog', actions: ['*'] };
