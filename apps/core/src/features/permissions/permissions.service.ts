import { MembershipLookup } from '@breakwater/accounts';
import { ForbiddenError, isSystemAdmin, Role, robotGrantable, type Actor } from '@breakwater/rbac';
import { Injectable } from '@nestjs/common';
import type { GrantablePermissionResponse, PermissionsResponse } from './permissions.dto.js';

@Injectable()
export class PermissionsService {
  constructor(private readonly memberships: MembershipLookup) {}

  /**
   * What a robot can be given. An administrator of the system makes robots of both levels, one of a project those of
   * its own.
   *
   * @throws ForbiddenError  the caller is neither.
   */
  async grantable(actor: Actor): Promise<PermissionsResponse> {
    const project = robotGrantable.project.map(pairOf);
    if (isSystemAdmin(actor)) return { system: robotGrantable.system.map(pairOf), project };
    if (await this.isAdminOfSomeProject(actor)) return { project };
    throw new ForbiddenError('only who can make robots sees what they can be given');
  }

  private async isAdminOfSomeProject(actor: Actor): Promise<boolean> {
    const roles = await this.memberships.rolesIn(actor, await this.memberships.memberProjectIds(actor));
    return [...roles.values()].some((own) => own.includes(Role.projectAdmin));
  }
}

function pairOf({ resource, action }: GrantablePermissionResponse): GrantablePermissionResponse {
  return { resource, action };
}
