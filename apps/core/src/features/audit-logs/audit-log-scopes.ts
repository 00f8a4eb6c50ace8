import { MembershipLookup } from '@breakwater/accounts';
import type { AuditLogScope } from '@breakwater/audit';
import { can, permission, SYSTEM, type Actor, type RobotActor, type RoleId } from '@breakwater/rbac';
import { Injectable } from '@nestjs/common';

const SYSTEM_LOG = permission('audit-log:list');
const PROJECT_LOG = permission('log:list');

/** Whose rows the lists across projects show: who may see no project's log sees an empty list. */
@Injectable()
export class AuditLogScopes {
  constructor(private readonly memberships: MembershipLookup) {}

  async of(actor: Actor): Promise<AuditLogScope> {
    if (can(actor, SYSTEM_LOG, SYSTEM)) return { kind: 'everything' };
    if (actor.kind === 'robot') return ofRobot(actor);
    const projectIds = await this.memberships.memberProjectIds(actor);
    const roles = await this.memberships.rolesIn(actor, projectIds);
    return { kind: 'projects', projectIds: projectIds.filter((id) => maySee(actor, id, roles.get(id) ?? [])) };
  }
}

function ofRobot(robot: RobotActor): AuditLogScope {
  if (robot.grants.some(({ scope }) => scope === 'all-projects') && maySee(robot, 0, []))
    return { kind: 'all-projects' };
  const named = robot.grants.flatMap((grant) => (grant.scope === 'project' ? [grant.projectId] : []));
  return { kind: 'projects', projectIds: [...new Set(named)].filter((id) => maySee(robot, id, [])) };
}

function maySee(actor: Actor, projectId: number, roles: readonly RoleId[]): boolean {
  return can(actor, PROJECT_LOG, { scope: 'project', projectId, isPublic: false, roles });
}
