import { AccountService, MembershipLookup } from '@breakwater/accounts';
import { ProjectReader } from '@breakwater/catalog';
import {
  can,
  projectPermissions,
  resourcePath,
  SYSTEM,
  systemPermissions,
  type Actor,
  type Permission,
  type Subject,
} from '@breakwater/rbac';
import { Injectable } from '@nestjs/common';
import { NotAPersonError } from './user.errors.js';
import { UserResponse } from './user.dto.js';
import type { PermissionResponse } from './permission.dto.js';

/** What callers may learn about themselves. */
@Injectable()
export class CurrentUserService {
  constructor(
    private readonly accounts: AccountService,
    private readonly projects: ProjectReader,
    private readonly memberships: MembershipLookup,
  ) {}

  /** @throws NotAPersonError  a robot asks. */
  async get(actor: Actor): Promise<UserResponse> {
    if (actor.kind !== 'user') throw new NotAPersonError();
    return UserResponse.of(await this.accounts.get(actor.accountId));
  }

  /**
   * The rows of the table for that scope which the caller has. None without a scope, as in Harbor; none also in a
   * scope that there is not.
   */
  async permissions(actor: Actor, scope = '', isRelative = false): Promise<readonly PermissionResponse[]> {
    if (scope === '/system') return allowed(actor, systemPermissions, SYSTEM, '/system', isRelative);
    const projectId = Number(/^\/project\/(\d{1,9})\/?$/.exec(scope)?.[1] ?? 0);
    const project = projectId === 0 ? null : await this.projects.find({ by: 'id', id: projectId });
    if (project === null) return [];
    const roles = await this.memberships.rolesOf(actor, project.id);
    const subject = { scope: 'project', projectId: project.id, isPublic: project.isPublic, roles } as const;
    return allowed(actor, projectPermissions, subject, `/project/${project.id}`, isRelative);
  }
}

function allowed(
  actor: Actor,
  table: readonly Permission[],
  subject: Subject,
  scope: '/system' | `/project/${number}`,
  isRelative: boolean,
): PermissionResponse[] {
  return table
    .filter((permission) => can(actor, permission, subject))
    .map(({ resource, action }) => ({ resource: resourcePath(scope, resource, isRelative), action }));
}
