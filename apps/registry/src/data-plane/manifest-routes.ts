import type { ArtifactLookup, FoundArtifact, ManifestService, Principal, PullRecorder } from '@breakwater/catalog';
import {
  DataPlanePath,
  Digest,
  findReference,
  parseReference,
  Tag,
  withoutParameters,
  type Reference,
  type RouteQuery,
} from '@breakwater/oci';
import { createHash } from 'node:crypto';
import { isForScan, type PullPolicy } from '../access/pull-policy.js';
import { readManifest } from './read-manifest.js';
import type { Access, Endpoints, RouteOf } from './endpoint.js';
import type { Exchange } from './exchange.js';
import { etagOf, immutableCaching, isNotModified, replyEmpty } from './reply.js';
import { ReferenceUnknownError, TooManyTagsError } from './unknown.errors.js';

type ManifestRoute = RouteOf<'manifest'>;

/** One push names at most this many tags besides the one in its path. */
const MAX_TAG_PARAMETERS = 100;

/** `/v2/<name>/manifests/<reference>`. GET and HEAD are the hottest of all: one look-up, bytes from memory. */
export class ManifestEndpoints implements Endpoints<'manifest'> {
  constructor(
    private readonly artifacts: ArtifactLookup,
    private readonly manifests: ManifestService,
    private readonly pulls: PullRecorder,
    private readonly policy: PullPolicy,
  ) {}

  readonly GET = {
    needs: 'pull',
    handle: (exchange: Exchange, route: ManifestRoute, access: Access) => this.serve(exchange, route, access),
  } as const;

  readonly PUT = {
    needs: 'push',
    handle: (exchange: Exchange, route: ManifestRoute, access: Access) => this.push(exchange, route, access),
  } as const;

  readonly DELETE = {
    needs: 'delete',
    handle: (exchange: Exchange, route: ManifestRoute, access: Access) => this.remove(exchange, route, access),
  } as const;

  private async serve(exchange: Exchange, { name, referenceText }: ManifestRoute, access: Access): Promise<void> {
    const { project, caller } = access;
    const reference = findReference(referenceText);
    const found = reference === null ? null : await this.artifacts.find(name, reference);
    if (reference === null || found === null) throw new ReferenceUnknownError(name, referenceText);
    // Also before a 304: whoever has the manifest may not use it as if it were let through.
    await this.policy.check(access, name, found);
    const caching = reference.kind === 'digest' ? immutableCaching(project.isPublic) : 'no-cache';
    const headers = ['Docker-Content-Digest', found.digest, 'ETag', etagOf(found.digest), 'Cache-Control', caching];
    if (isNotModified(exchange.request.headers['if-none-match'], found.digest)) {
      exchange.reply(304, headers);
      return;
    }
    headers.push('Content-Type', found.mediaType, 'Content-Length', String(found.sizeBytes));
    if (exchange.isHead) {
      exchange.reply(200, headers);
      return;
    }
    exchange.reply(200, headers, await this.artifacts.content(found));
    if (!isForScan(access, name)) this.notePull(found, reference, caller.principal);
  }

  private async push(exchange: Exchange, route: ManifestRoute, { project, caller }: Access): Promise<void> {
    const { name, referenceText, query } = route;
    const reference = parseReference(referenceText);
    const tags = tagParameters(query);
    const content = await readManifest(exchange);
    const pushed = await this.manifests.put(project, name, caller.principal, {
      reference,
      tags,
      mediaType: withoutParameters(exchange.request.headers['content-type'] ?? ''),
      content,
      digestOf: (algorithm) => Digest.of(algorithm, createHash(algorithm).update(content).digest('hex')),
    });
    const headers = [
      ...['Location', DataPlanePath.manifest(name, { kind: 'digest', digest: pushed.digest })],
      ...['Docker-Content-Digest', pushed.digest],
    ];
    if (pushed.subject !== null) headers.push('OCI-Subject', pushed.subject);
    if (tags.length > 0) for (const tag of pushed.tags) headers.push('OCI-Tag', tag);
    replyEmpty(exchange, 201, headers);
  }

  private async remove(exchange: Exchange, route: ManifestRoute, { project, caller }: Access): Promise<void> {
    const reference = parseReference(route.referenceText);
    await this.manifests.delete(project, route.name, caller.principal, reference);
    replyEmpty(exchange, 202, []);
  }

  /** GET alone counts: HEAD is how tools look for news. */
  private notePull(found: FoundArtifact, reference: Reference, principal: Principal): void {
    this.pulls.note(found, reference.kind === 'tag' ? reference.tag : null, principal);
  }
}

/** @see OCI distribution-spec, "Pushing Manifests", tag parameters. */
function tagParameters(query: RouteQuery): Tag[] {
  const texts = query.getAll('tag');
  if (texts.length > MAX_TAG_PARAMETERS) throw new TooManyTagsError(MAX_TAG_PARAMETERS);
  return [...new Set(texts)].map((text) => Tag.parse(text));
}
