import type { IncomingMessage, ServerResponse } from 'node:http';
import { MediaType } from '@breakwater/oci';
import type { Artifact } from '../artifacts/artifact.js';
import { send, sendError } from './send.js';
import { sendLayer } from './send-layer.js';
import { answerToken, challengeOf } from './token-service.js';
import type { HostedRepository } from './hosted-repository.js';
import type { HostedSites } from './hosted-sites.js';
import type { LoggedRequest, Site } from './request-log.js';

/** What a request asks for, once its path is taken apart. */
interface Asked {
  kind: LoggedRequest['kind'];
  repository: HostedRepository | null;
  name: string | null;
  reference: string | null;
}

/** Answers one request of an adapter at one site, and writes it down. */
export async function answerRegistry(
  registry: HostedSites,
  site: Site,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://fixture');
  const asked = read(registry, url);
  const entry: LoggedRequest = {
    at: Date.now(),
    site,
    method: request.method ?? '',
    path: url.pathname,
    kind: asked.kind,
    repository: asked.name,
    reference: asked.reference,
    authorization: request.headers.authorization ?? null,
    status: 0,
  };
  registry.log.add(entry);
  response.on('close', () => (entry.status = response.statusCode));
  if (asked.kind === 'token') return answerToken(registry, site, request, response, entry);
  if (request.method !== 'GET' && request.method !== 'HEAD')
    return sendError(response, 405, 'UNSUPPORTED', 'this registry is read-only');
  if (asked.kind === 'stored-blob') return answerStored(response, asked);
  if (site === 'storage' || asked.kind === 'other')
    return sendError(response, 404, 'NAME_UNKNOWN', 'there is nothing here');
  if (!isAuthorized(site, request, asked)) {
    response.setHeader('WWW-Authenticate', challengeOf(registry, site, asked.name));
    return sendError(response, 401, 'UNAUTHORIZED', 'authentication required');
  }
  if (asked.kind === 'ping') return send(response, 200, 'application/json', Buffer.from('{}'));
  return answerRepository(registry, request, response, asked);
}

function read(registry: HostedSites, url: URL): Asked {
  const path = decodeURIComponent(url.pathname);
  const nothing = { repository: null, name: null, reference: null };
  if (path === '/token') return { ...nothing, kind: 'token' };
  if (/^(?:\/[^/]+)?\/v2\/?$/.test(path)) return { ...nothing, kind: 'ping' };
  const stored = /^\/stored\/(.+)\/([^/]+)$/.exec(path);
  if (stored) return { ...found(registry, stored[1]!, ''), kind: 'stored-blob', reference: stored[2]! };
  const route = /^(|\/[^/]+)\/v2\/(.+)\/(manifests|blobs|referrers|tags)\/([^/]+)$/.exec(path);
  if (!route) return { ...nothing, kind: 'other' };
  const [, prefix = '', name = '', what = '', reference = ''] = route;
  const kind = what === 'manifests' ? 'manifest' : what === 'blobs' ? 'blob' : 'other';
  return { ...found(registry, name, prefix), kind, reference };
}

function found(registry: HostedSites, name: string, prefix: string): Pick<Asked, 'repository' | 'name'> {
  const repository = registry.repositories.get(name) ?? null;
  const isThere = repository !== null && (repository.behaviour.pathPrefix ?? '') === prefix;
  return { repository: isThere ? repository : null, name };
}

/** The ping takes any credentials of the site's kind: it cannot know yet what they are for. */
function isAuthorized(site: Site, request: IncomingMessage, asked: Asked): boolean {
  const { authorization } = request.headers;
  if (asked.repository?.behaviour.refuseWith === 401) return false;
  if (site === 'anonymous' || site === 'tls') return true;
  const scheme = authorization?.split(' ', 1)[0]?.toLowerCase();
  if (scheme !== (site === 'basic' ? 'basic' : 'bearer')) return false;
  return asked.kind === 'ping' || (asked.repository?.isOpenedBy(authorization ?? null) ?? false);
}

async function answerRepository(
  registry: HostedSites,
  request: IncomingMessage,
  response: ServerResponse,
  asked: Asked,
): Promise<void> {
  const { repository, kind, reference } = asked;
  if (!repository) return sendError(response, 404, 'NAME_UNKNOWN', 'no such repository');
  const { artifact, behaviour } = repository;
  if (behaviour.refuseWith === 403) return sendError(response, 403, 'DENIED', 'access to the resource is denied');
  if (kind === 'manifest') return answerManifest(repository, response, reference ?? '');
  if (kind === 'other') return sendError(response, 404, 'NAME_UNKNOWN', 'not served here');
  const bytes = behaviour.isMissing ? undefined : artifact.blobs.get(reference ?? '');
  if (!bytes) return sendError(response, 404, 'BLOB_UNKNOWN', 'no such blob');
  if (behaviour.isRedirecting && request.method === 'GET') {
    const location = `${registry.url('storage')}/stored/${repository.name}/${reference}?signature=fixture`;
    response.writeHead(307, { Location: location }).end();
    return;
  }
  const isLayer = artifact.layerDigests.includes(reference ?? '');
  await sendLayer(response, bytes, isLayer ? behaviour : {}, request.method === 'HEAD');
}

function answerManifest(repository: HostedRepository, response: ServerResponse, reference: string): void {
  const { artifact, behaviour } = repository;
  if (repository.tooManyLeft > 0) {
    repository.tooManyLeft--;
    response.setHeader('Retry-After', String(behaviour.tooManyRequests?.retryAfterSeconds ?? 1));
    return sendError(response, 429, 'TOOMANYREQUESTS', 'slow down');
  }
  const manifest = behaviour.isMissing ? null : findManifest(artifact, reference);
  if (!manifest) return sendError(response, 404, 'MANIFEST_UNKNOWN', 'no such manifest');
  response.setHeader('Docker-Content-Digest', manifest.digest);
  send(response, 200, manifest.mediaType, manifest.manifest);
}

/** The fixture knows one tag, `latest`, so that it is seen when an adapter asks by tag. */
function findManifest(artifact: Artifact, reference: string): Artifact | null {
  if (reference === artifact.digest || reference === 'latest') return artifact;
  return artifact.children.get(reference) ?? null;
}

function answerStored(response: ServerResponse, asked: Asked): void {
  const bytes = asked.repository?.artifact.blobs.get(asked.reference ?? '');
  if (bytes) send(response, 200, MediaType.OctetStream, bytes);
  else sendError(response, 404, 'BLOB_UNKNOWN', 'no such object');
}
