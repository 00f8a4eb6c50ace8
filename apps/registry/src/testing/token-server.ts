import { InvalidCredentialsError, type Accounts, type TokenHolder } from '@breakwater/accounts';
import { ProjectReader, type ProjectFacts } from '@breakwater/catalog';
import type { Database } from '@breakwater/database';
import { parseBasic } from '@breakwater/http';
import { RepositoryName } from '@breakwater/oci';
import { allowedAccess, ANONYMOUS, grant, parseScopes, type TokenAccess } from '@breakwater/rbac';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface TokenServer {
  readonly url: string;
  tokenFor(authorization: string | null, scopes: readonly string[]): Promise<string>;
  close(): Promise<void>;
}

/** Core's token service, as little of it as the tests of the data plane need. */
export async function startTokenServer(database: Database, accounts: Accounts): Promise<TokenServer> {
  const projects = new ProjectReader(database);

  const tokenFor = async (authorization: string | null, scopes: readonly string[]): Promise<string> => {
    const basic = parseBasic(authorization ?? undefined);
    const holder: TokenHolder =
      basic === null || basic.username === ''
        ? ANONYMOUS
        : await accounts.authenticator.byPassword(basic.username, basic.password);
    const asked = parseScopes(scopes);
    const found = new Map<string, ProjectFacts>();
    for (const name of projectNamesOf(asked)) {
      const project = await projects.find({ by: 'name', name });
      if (project !== null) found.set(name, project);
    }
    const roles = new Map(
      await Promise.all(
        [...found.values()].map(async ({ id }) => [id, await accounts.memberships.rolesOf(holder, id)] as const),
      ),
    );
    const allowed = allowedAccess(holder, asked, (name) => {
      const project = found.get(RepositoryName.projectOf(name));
      if (project === undefined) return null;
      return {
        scope: 'project',
        projectId: project.id,
        isPublic: project.isPublic,
        roles: roles.get(project.id) ?? [],
      };
    });
    const incarnations = Object.fromEntries([...found].map(([name, { incarnation }]) => [name, incarnation]));
    return (await accounts.tokenIssuer.issue(holder, grant(asked, allowed), incarnations)).token;
  };

  const server = createServer((request, response) => {
    const scopes = new URL(request.url ?? '/', 'http://x').searchParams.getAll('scope');
    void tokenFor(request.headers.authorization ?? null, scopes).then(
      (token) => {
        const body = JSON.stringify({ token, access_token: token, expires_in: 1800 });
        response.writeHead(200, { 'content-type': 'application/json' }).end(body);
      },
      (error: unknown) => response.writeHead(error instanceof InvalidCredentialsError ? 401 : 500).end(),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    tokenFor,
    close: async () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

function projectNamesOf(asked: readonly TokenAccess[]): string[] {
  const names = asked.flatMap((each) => (each.type === 'repository' ? [each.name] : []));
  return [
    ...new Set(names.filter((name) => RepositoryName.hasProject(name)).map((name) => RepositoryName.projectOf(name))),
  ];
}
