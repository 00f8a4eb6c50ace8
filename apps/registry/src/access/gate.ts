import {
  InvalidCredentialsError,
  InvalidTokenError,
  type Authenticator,
  type MembershipLookup,
} from '@breakwater/accounts';
import type { ProjectDirectory, ProjectFacts } from '@breakwater/catalog';
import { RepositoryName } from '@breakwater/oci';
import {
  allows,
  allowsCatalog,
  can,
  decide,
  isSystemAdmin,
  NO_PROJECT,
  permission,
  REGISTRY_PERMISSION,
  SYSTEM,
  type Actor,
  type Decision,
  type ProjectSubject,
  type RoleId,
  type TokenAccess,
} from '@breakwater/rbac';
import { AccessRefusedError, ProjectUnknownError } from './access.errors.js';
import { callerOf, type Caller } from './caller.js';
import { parseCredentials } from './credentials.js';
import { scopesFor, type Need } from './need.js';

/**
 * The one door of the data plane: who asks, and may they?
 *
 * What a token allows is never enough by itself: it is what was allowed when it was made. Every request is decided on
 * the rights of now as well, which are at most two seconds old.
 */
export class Gate {
  constructor(
    private readonly authenticator: Authenticator,
    private readonly projects: ProjectDirectory,
    private readonly memberships: MembershipLookup,
  ) {}

  /**
   * @param need  only for the scopes of the challenge.
   * @param clientAddress  whose wrong passwords are counted.
   * @throws AccessRefusedError  no credentials, wrong ones, or a token that is no longer worth anything.
   */
  async identify(authorization: string | undefined, need: Need, clientAddress: string): Promise<Caller> {
    const credentials = parseCredentials(authorization);
    try {
      switch (credentials.kind) {
        case 'bearer': {
          const token = await this.authenticator.byToken(credentials.token);
          return callerOf(token.actor, token);
        }
        case 'basic':
          return callerOf(
            await this.authenticator.byPassword(credentials.username, credentials.password, clientAddress),
            null,
          );
        case 'none':
          throw new AccessRefusedError('authentication required', scopesFor(need));
        case 'malformed':
          throw new AccessRefusedError('the Authorization header is not understood', scopesFor(need));
      }
    } catch (error) {
      if (error instanceof InvalidTokenError)
        throw new AccessRefusedError(error.message, scopesFor(need), 'invalid_token', { cause: error });
      if (error instanceof InvalidCredentialsError)
        throw new AccessRefusedError(error.message, scopesFor(need), undefined, { cause: error });
      throw error;
    }
  }

  /**
   * Lets the caller at one repository, or refuses alike whether its project is private or not there at all.
   *
   * @returns the project that the name is in now.
   * @throws AccessRefusedError
   * @throws ProjectUnknownError  to those only who may see every project.
   */
  async admit(caller: Caller, need: Need & { kind: 'repository' }): Promise<ProjectFacts> {
    let { project, decision } = await this.decideOn(caller.actor, need);
    if (!decision.allowed) {
      // A refusal is never on what is remembered: who has just been made a member, or has made the project public,
      // through whichever process, may pull through any. What is remembered may only allow, until its end is noticed.
      if (project !== null) this.projects.forget(project.name);
      ({ project, decision } = await this.decideOn(caller.actor, need, 'latest'));
    }
    if (!decision.allowed) throw refusal(caller, need, decision);
    if (project === null) throw new ProjectUnknownError(need.name);
    if (caller.token !== null) requireToken(caller.token.access, caller.token.projects, project, need);
    return project;
  }

  /** Any account will do. An anonymous token will not: clients test their credentials here. */
  requireSignedIn(caller: Caller): void {
    if (caller.actor.kind === 'anonymous') throw new AccessRefusedError('authentication required', []);
  }

  /** The list of all repositories is for those who may read all of it, as in Harbor. */
  requireCatalog(caller: Caller): void {
    const decision = decide(caller.actor, CATALOG_READ, SYSTEM);
    if (!decision.allowed) throw refusal(caller, { kind: 'catalog' }, decision);
    if (caller.token !== null && !allowsCatalog(caller.token.access))
      throw new AccessRefusedError(
        'the token does not allow the catalog',
        scopesFor({ kind: 'catalog' }),
        'insufficient_scope',
      );
  }

  /**
   * Which of these repositories the caller may pull from now: the sources that a mount may use. Decided on live rights
   * alone, so that a client need not know beforehand where its blob will be found.
   */
  async readable(caller: Caller, names: readonly RepositoryName[]): Promise<RepositoryName[]> {
    const answers = await Promise.all(
      names.map(async (name) => {
        const project = await this.findProject(name);
        if (project === null) return false;
        return can(caller.actor, REGISTRY_PERMISSION.pull, await this.subjectOf(caller.actor, name, project));
      }),
    );
    return names.filter((_, index) => answers[index]);
  }

  private async decideOn(
    actor: Actor,
    { name, action }: Need & { kind: 'repository' },
    roles: 'remembered' | 'latest' = 'remembered',
  ): Promise<{ project: ProjectFacts | null; decision: Decision }> {
    const project = await this.findProject(name);
    const subject = await this.subjectOf(actor, name, project, roles);
    return { project, decision: decide(actor, REGISTRY_PERMISSION[action], subject) };
  }

  private findProject(name: RepositoryName): Promise<ProjectFacts | null> | null {
    return RepositoryName.hasProject(name) ? this.projects.find(RepositoryName.projectOf(name)) : null;
  }

  /** Roles are asked for even where there is no project, so that both answers take the same time. */
  private async subjectOf(
    actor: Actor,
    repository: RepositoryName,
    project: ProjectFacts | null,
    wanted: 'remembered' | 'latest' = 'remembered',
  ): Promise<ProjectSubject> {
    const asked = project === null ? NO_PROJECT : { projectId: project.id, isPublic: project.isPublic };
    const roles = await this.rolesOf(actor, asked.projectId, wanted);
    return { scope: 'project', projectId: asked.projectId, isPublic: asked.isPublic, roles, repository };
  }

  private async rolesOf(actor: Actor, projectId: number, wanted: 'remembered' | 'latest'): Promise<readonly RoleId[]> {
    if (actor.kind !== 'user' || isSystemAdmin(actor)) return NO_PROJECT.roles;
    return wanted === 'latest'
      ? this.memberships.latestRolesOf(actor, projectId)
      : this.memberships.rolesOf(actor, projectId);
  }
}

const CATALOG_READ = permission('catalog:read');

/** A token that was made for less, or for an earlier project of this name, is to be made anew. */
function requireToken(
  access: readonly TokenAccess[],
  incarnations: Readonly<Record<string, string>>,
  project: ProjectFacts,
  need: Need & { kind: 'repository' },
): void {
  // The session itself says who may go on with it, so that a long push outlives the scopes it began with.
  if (need.isContinuation) return;
  if (!allows(access, need.name, need.action)) {
    throw new AccessRefusedError(
      `the token does not allow ${need.action} on ${need.name}`,
      scopesFor(need),
      'insufficient_scope',
    );
  }
  if (incarnations[project.name] !== project.incarnation)
    throw new AccessRefusedError(
      'the token was made for an earlier project of this name',
      scopesFor(need),
      'invalid_token',
    );
}

function refusal(caller: Caller, need: Need, decision: Decision & { allowed: false }): AccessRefusedError {
  const error = caller.token === null ? undefined : 'insufficient_scope';
  return new AccessRefusedError(decision.explanation, scopesFor(need), error);
}
