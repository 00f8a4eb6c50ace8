import { FIRST_ADMIN_ID, MemberService } from '@breakwater/accounts';
import { ProjectService } from '@breakwater/catalog';
import { Database } from '@breakwater/database';
import { parseStorageLimit } from '@breakwater/domain';
import { can, permission, SYSTEM, type Actor } from '@breakwater/rbac';
import { Injectable } from '@nestjs/common';
import { AccessDecisions } from '../../access/access-decisions.js';
import { principalOf } from '../../access/principal.js';
import type { ProjectBody } from './project.dto.js';
import { RegistryUnknownError } from './project.errors.js';

export interface CreatedProject {
  readonly id: number;
  readonly name: string;
}

/** A new project and its first member, which become true together. */
@Injectable()
export class ProjectCreation {
  constructor(
    private readonly database: Database,
    private readonly projects: ProjectService,
    private readonly members: MemberService,
    private readonly decisions: AccessDecisions,
  ) {}

  /**
   * Everybody who is signed in may make projects, and becomes administrator of those; of robots, those with the right
   * to. What a robot makes belongs to the first administrator.
   *
   * @throws ForbiddenError, InvalidStorageLimitError, RegistryUnknownError, and those of `ProjectService.createIn`.
   */
  async create(actor: Actor, body: ProjectBody): Promise<CreatedProject> {
    if (actor.kind !== 'user') this.decisions.onSystem(actor, 'project:create');
    this.checkPrivileged(actor, body);
    const ownerId = actor.kind === 'user' ? actor.accountId : FIRST_ADMIN_ID;
    const name = body.project_name ?? '';
    const id = await this.database.unitOfWork.run(async (tx) => {
      const projectId = await this.projects.createIn(tx, principalOf(actor), {
        name,
        ownerId,
        metadata: { ...body.metadata },
        isPublic: body.public ?? null,
        allowlist: body.cve_allowlist?.toAllowlist() ?? null,
      });
      await this.members.addCreator(tx, projectId, ownerId);
      return projectId;
    });
    return { id, name };
  }

  /** What only those who manage all projects may ask for. Limits are checked and, there being no quotas, not kept. */
  private checkPrivileged(actor: Actor, { registry_id: registryId, storage_limit: limitBytes }: ProjectBody): void {
    if (registryId !== null && registryId !== undefined) {
      this.decisions.onSystem(actor, 'project:create');
      throw new RegistryUnknownError(registryId);
    }
    if (limitBytes && can(actor, permission('project:create'), SYSTEM)) parseStorageLimit(limitBytes);
  }
}
