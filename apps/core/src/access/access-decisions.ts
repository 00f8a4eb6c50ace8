import { Authenticator, InvalidCredentialsError, MembershipLookup } from '@breakwater/accounts';
import { ProjectNotFoundError, ProjectReader, type ProjectKey } from '@breakwater/catalog';
import { parseBasic } from '@breakwater/http';
import {
  ANONYMOUS,
  authorize,
  NO_PROJECT,
  permission,
  SYSTEM,
  type Actor,
  type PermissionName,
} from '@breakwater/rbac';
import { Injectable } from '@nestjs/common';
import { ProjectScope } from './project-scope.js';

/**
 * The one decision point of this process. The guard asks it for the project of the path; a handler asks it again
 * where an operation touches a second project (a copy reads its source).
 */
@Injectable()
export class AccessDecisions {
  constructor(
    private readonly authenticator: Authenticator,
    private readonly projects: ProjectReader,
    private readonly memberships: MembershipLookup,
  ) {}

  /**
   * @param authorization  the header: Basic with a user name or an e-mail address. Tokens of the registry are for /v2.
   * @param address  of the client; wrong passwords are counted by it.
   * @throws InvalidCredentialsError  credentials were sent and are wrong. Harbor would go on as anonymous; then a
   *   mistyped password shows an empty list instead of an error (docs/api/differences.md).
   * @throws TooManyAttemptsError, SignInOverloadedError
   */
  async authenticate(authorization: string | undefined, address: string): Promise<Actor> {
    if (authorization === undefined) return ANONYMOUS;
    const basic = parseBasic(authorization);
    if (basic === null) throw new InvalidCredentialsError();
    return this.authenticator.byPassword(basic.username, basic.password, address);
  }

  /** @throws UnauthenticatedError or ForbiddenError. */
  onSystem(actor: Actor, name: PermissionName): void {
    authorize(actor, permission(name), SYSTEM);
  }

  /**
   * Project and roles are read from the database for each decision, never from a cache: who has just been given a role, or
   * has just made the project again under its old name, is decided on by what is true now.
   *
   * @throws UnauthenticatedError or ForbiddenError, also where there is no such project: only who could see every
   *   project learns that it does not exist, by ProjectNotFoundError.
   */
  async onProject(actor: Actor, name: PermissionName, key: ProjectKey): Promise<ProjectScope> {
    const project = await this.projects.find(key);
    if (project === null) {
      authorize(actor, permission(name), NO_PROJECT);
      throw new ProjectNotFoundError(key.by === 'id' ? key.id : key.name);
    }
    return ProjectScope.decide(actor, name, project, await this.memberships.latestRolesOf(actor, project.id));
  }
}
