import { AccountService, MembershipLookup } from '@breakwater/accounts';
import { projectFields, ProjectService, type Project } from '@breakwater/catalog';
import type { Actor } from '@breakwater/rbac';
import { Injectable } from '@nestjs/common';
import type { ProjectScope } from '../../access/project-scope.js';
import { ReadableProjects } from '../../access/readable-projects.js';
import { CatalogListRequest } from '../../rest/list-request.js';
import type { Listed } from '../../rest/listed.js';
import { ProjectResponse, type ProjectListQuery } from './project.dto.js';

/** Projects as a caller is shown them: with their owners, and with the roles that the caller has there. */
@Injectable()
export class ProjectViews {
  constructor(
    private readonly projects: ProjectService,
    private readonly accounts: AccountService,
    private readonly memberships: MembershipLookup,
    private readonly readable: ReadableProjects,
  ) {}

  /** What the caller may see, by name. */
  async list(actor: Actor, query: ProjectListQuery): Promise<Listed<ProjectResponse>> {
    const list = new CatalogListRequest(query, projectFields, { byDefault: 'project.name', tieBreaker: 'project.id' });
    if (query.name !== undefined && query.name !== '')
      list.and(query.name, (name) => `strpos(project.name, lower(${name})) > 0`);
    if (query.public !== undefined) list.and(query.public, (isPublic) => `project.is_public = ${isPublic}`);
    const owner = list.terms.get('owner');
    const ownerName = owner?.kind === 'exact' ? owner.value : query.owner;
    if (ownerName !== undefined && ownerName !== '') {
      const account = await this.accounts.findByUsername(ownerName);
      list.and(account?.id ?? 0, (id) => `project.owner_id = ${id}`);
    }
    const { items, total } = await this.projects.list(await this.readable.of(actor), list.request);
    return { items: await this.shown(actor, items, query.with_detail), total, page: list.page };
  }

  async get({ actor, project }: ProjectScope): Promise<ProjectResponse> {
    const [shown] = await this.shown(actor, [await this.projects.get(project.id)], true);
    return shown as ProjectResponse;
  }

  /** Two statements more, however many they are. */
  async shown(actor: Actor, projects: readonly Project[], isDetailed: boolean): Promise<ProjectResponse[]> {
    const [roles, names] = await Promise.all([
      this.memberships.rolesIn(
        actor,
        projects.map(({ id }) => id),
      ),
      this.accounts.usernames(isDetailed ? projects.map(({ ownerId }) => ownerId) : []),
    ]);
    return projects.map((project) =>
      ProjectResponse.of(project, {
        roles: roles.get(project.id) ?? [],
        ownerName: names.get(project.ownerId) ?? null,
        isDetailed,
      }),
    );
  }
}
