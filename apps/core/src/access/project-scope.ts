import type { ProjectFacts } from '@breakwater/catalog';
import { authorize, can, permission, type Actor, type PermissionName, type RoleId } from '@breakwater/rbac';

/**
 * One project and the caller's rights in it. The only way to get one is a decision that allowed something, so a
 * handler that takes its project from here cannot reach another.
 */
export class ProjectScope {
  private constructor(
    readonly actor: Actor,
    readonly project: ProjectFacts,
    /** The caller's own, by membership; empty for an administrator without one. */
    readonly roles: readonly RoleId[],
  ) {}

  /** @throws UnauthenticatedError or ForbiddenError, with the reason. */
  static decide(actor: Actor, name: PermissionName, project: ProjectFacts, roles: readonly RoleId[]): ProjectScope {
    const scope = new ProjectScope(actor, project, roles);
    authorize(actor, permission(name), scope.subject);
    return scope;
  }

  /** For what an answer shows besides: a summary counts the members only for those who may list them. */
  can(name: PermissionName): boolean {
    return can(this.actor, permission(name), this.subject);
  }

  /** @throws UnauthenticatedError or ForbiddenError. */
  require(name: PermissionName): void {
    authorize(this.actor, permission(name), this.subject);
  }

  private get subject() {
    return {
      scope: 'project',
      projectId: this.project.id,
      isPublic: this.project.isPublic,
      roles: this.roles,
    } as const;
  }
}
