import type { IncomingMessage, ServerResponse } from 'node:http';
import type { HostedSites } from './hosted-sites.js';
import type { LoggedRequest, Site } from './request-log.js';
import { send, sendError } from './send.js';

/**
 * What a site says to somebody without credentials: plain Basic, or where to fetch a token. The realm is at the same
 * host, at another one, or a path alone, which RFC 6750 does not forbid.
 */
export function challengeOf(registry: HostedSites, site: Site, repository: string | null): string {
  if (!site.startsWith('token')) return 'Basic realm="scanner-conformance"';
  const realm = { 'token-elsewhere': `${registry.url('storage')}/token`, 'token-relative': '/token' };
  const scope = repository === null ? '' : `,scope="repository:${repository}:pull"`;
  const address = realm[site as keyof typeof realm] ?? `${registry.url(site)}/token`;
  return `Bearer realm="${address}",service="scanner-conformance"${scope}`;
}

/** Hands out a token for one repository, asked by GET with Basic or by POST as OAuth 2 has it. */
export async function answerToken(
  registry: HostedSites,
  site: Site,
  request: IncomingMessage,
  response: ServerResponse,
  entry: LoggedRequest,
): Promise<void> {
  const url = new URL(request.url ?? '/', registry.url(site));
  const form = request.method === 'POST' ? new URLSearchParams(await bodyOf(request)) : new URLSearchParams();
  const scope = url.searchParams.get('scope') ?? form.get('scope') ?? '';
  const name = /^repository:(.+):[a-z*,]*$/.exec(scope)?.[1] ?? null;
  entry.repository = name;
  entry.reference = scope;
  const repository = name === null ? undefined : registry.repositories.get(name);
  const authorization = request.headers.authorization ?? basicOf(form);
  if (!repository || repository.behaviour.refuseWith === 401 || !repository.isOpenedBy(authorization)) {
    response.setHeader('WWW-Authenticate', 'Basic realm="scanner-conformance"');
    return sendError(response, 401, 'UNAUTHORIZED', 'authentication required');
  }
  const token = repository.issueToken();
  const issued = { token, access_token: token, expires_in: 300, issued_at: new Date().toISOString() };
  send(response, 200, 'application/json', Buffer.from(JSON.stringify(issued)));
}

function basicOf(form: URLSearchParams): string | null {
  const [username, password] = [form.get('username'), form.get('password')];
  if (username === null || password === null) return null;
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length;
    if (sizeBytes > 64 * 1024) return '';
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
