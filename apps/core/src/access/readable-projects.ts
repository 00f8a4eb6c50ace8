import { MembershipLookup } from '@breakwater/accounts';
import type { VisibleProjects } from '@breakwater/catalog';
import { can, isSystemAdmin, permission, type Actor, type PermissionName, type RobotActor } from '@breakwater/rbac';
import { Injectable } from '@nestjs/common';

/** Into which projects the lists of a caller may look, besides the public ones, which everybody sees. */
@Injectable()
export class ReadableProjects {
  constructor(private readonly memberships: MembershipLookup) {}

  /**
   * Members see their projects, administrators all. A robot sees what a grant names: every project that it has any
   * grant on, as in Harbor, or only those where it has a certain one.
   *
   * @param name  what a robot must be granted in a project whose content is shown.
   */
  async of(actor: Actor, name?: PermissionName): Promise<VisibleProjects> {
    if (isSystemAdmin(actor) || actor.kind === 'system') return { all: true };
    if (actor.kind === 'robot') return ofRobot(actor, name);
    return { all: false, projectIds: await this.memberships.memberProjectIds(actor) };
  }
}

function ofRobot(robot: RobotActor, name: PermissionName | undefined): VisibleProjects {
  const isGranted = (projectId: number): boolean =>
    name === undefined || can(robot, permission(name), { scope: 'project', projectId, isPublic: false, roles: [] });
  if (robot.grants.some(({ scope }) => scope === 'all-projects') && isGranted(0)) return { all: true };
  const projectIds = robot.grants.flatMap((grant) => (grant.scope === 'project' ? [grant.projectId] : []));
  return { all: false, projectIds: [...new Set(projectIds)].filter(isGranted) };
}
