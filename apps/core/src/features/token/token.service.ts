import { MembershipLookup, TokenIssuer, type IssuedToken, type TokenHolder } from '@breakwater/accounts';
import { ProjectReader, type ProjectFacts } from '@breakwater/catalog';
import { RepositoryName } from '@breakwater/oci';
import { allowedAccess, grant, parseScopes, type ProjectSubject, type TokenAccess } from '@breakwater/rbac';
import { Injectable } from '@nestjs/common';

/** Makes registry tokens: what was asked for, as far as the caller may have it now. */
@Injectable()
export class TokenService {
  constructor(
    private readonly projects: ProjectReader,
    private readonly memberships: MembershipLookup,
    private readonly tokens: TokenIssuer,
  ) {}

  /**
   * @param scopes  the `scope` parameters as they came: repeated, space-joined, or both.
   * @returns a token that carries granted = asked ∩ allowed; with nothing granted it is a valid token all the same.
   */
  async issue(holder: TokenHolder, scopes: readonly string[]): Promise<IssuedToken> {
    const asked = parseScopes(scopes);
    const subjects = await this.subjectsOf(holder, asked);
    const allowed = allowedAccess(
      holder,
      asked,
      (name) => subjects.get(RepositoryName.projectOf(name))?.subject ?? null,
    );
    const projects = Object.fromEntries([...subjects].map(([name, { project }]) => [name, project.incarnation]));
    return this.tokens.issue(holder, grant(asked, allowed), projects);
  }

  /** By project name; names of no project are missing. Names without a project (`alpine`) are in none. */
  private async subjectsOf(holder: TokenHolder, asked: readonly TokenAccess[]): Promise<Map<string, Subject>> {
    const names = new Set(asked.flatMap((each) => (each.type === 'repository' ? projectNameOf(each.name) : [])));
    const projects = await Promise.all([...names].map((name) => this.projects.find({ by: 'name', name })));
    const found = projects.filter((project) => project !== null);
    const subjects = found.map(async (project): Promise<[string, Subject]> => {
      const roles = await this.memberships.latestRolesOf(holder, project.id);
      const subject = { scope: 'project', projectId: project.id, isPublic: project.isPublic, roles } as const;
      return [project.name, { project, subject }];
    });
    return new Map(await Promise.all(subjects));
  }
}

function projectNameOf(repository: RepositoryName): string[] {
  return RepositoryName.hasProject(repository) ? [RepositoryName.projectOf(repository)] : [];
}

interface Subject {
  readonly project: ProjectFacts;
  readonly subject: ProjectSubject;
}
