import { Digest, type DigestAlgorithm, MediaType, type Reference, type RepositoryName, Tag } from '@breakwater/oci';
import { createHash, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import type { FoundArtifact } from '../artifacts/found-artifact.js';
import type { CommittedBlob } from '../blobs/stored-blob.js';
import type { Catalog } from '../create-catalog.js';
import type { ManifestPush, PushedManifest } from '../manifests/pushed-manifest.js';
import type { Principal } from '../ports.js';
import type { ProjectFacts } from '../projects/project-facts.js';
import type { UploadChunk } from '../uploads/upload-session.js';

export function digestOf(content: Buffer, algorithm: DigestAlgorithm = 'sha256'): Digest {
  return Digest.of(algorithm, createHash(algorithm).update(content).digest('hex'));
}

export function chunkOf(content: Buffer, range: UploadChunk['range'] = null): UploadChunk {
  return { body: Readable.from([content]), range, signal: NEVER };
}

export const NEVER = new AbortController().signal;

/** Bytes nobody has had before. */
export function someBytes(length = 1_000): Buffer {
  return randomBytes(length);
}

export const byTag = (tag: string): Reference => ({ kind: 'tag', tag: Tag.parse(tag) });
export const byDigest = (digest: Digest): Reference => ({ kind: 'digest', digest });

export interface DescriptorJson {
  mediaType: string;
  digest: Digest;
  size: number;
  [field: string]: unknown;
}

export function descriptorOf(content: Buffer, mediaType: string, more: Record<string, unknown> = {}): DescriptorJson {
  return { mediaType, digest: digestOf(content), size: content.byteLength, ...more };
}

/** A manifest with the blobs it names, none of them pushed yet. */
export interface TestImage {
  readonly manifest: Buffer;
  readonly mediaType: string;
  readonly digest: Digest;
  readonly blobs: readonly Buffer[];
  readonly descriptor: DescriptorJson;
}

export function anImage(
  over: Record<string, unknown> = {},
  config: unknown = { os: 'linux', salt: randomBytes(8).toString('hex') },
): TestImage {
  const configBytes = Buffer.isBuffer(config) ? config : Buffer.from(JSON.stringify(config));
  const layer = someBytes();
  return manifestOf(MediaType.OciManifest, [configBytes, layer], {
    schemaVersion: 2,
    mediaType: MediaType.OciManifest,
    config: descriptorOf(configBytes, MediaType.OciConfig),
    layers: [descriptorOf(layer, MediaType.OciLayerGzip)],
    ...over,
  });
}

/** An image of its own config that has its layer from another. */
export function anImageOnTopOf({ blobs: [, layer] }: TestImage): TestImage {
  const shared = layer as Buffer;
  const image = anImage({ layers: [descriptorOf(shared, MediaType.OciLayerGzip)] });
  return { ...image, blobs: [image.blobs[0] as Buffer, shared] };
}

export function anIndex(children: readonly DescriptorJson[], over: Record<string, unknown> = {}): TestImage {
  return manifestOf(MediaType.OciIndex, [], {
    schemaVersion: 2,
    mediaType: MediaType.OciIndex,
    manifests: children,
    ...over,
  });
}

export function manifestOf(mediaType: string, blobs: readonly Buffer[], document: object): TestImage {
  const manifest = Buffer.from(JSON.stringify(document));
  return { manifest, mediaType, digest: digestOf(manifest), blobs, descriptor: descriptorOf(manifest, mediaType) };
}

export function pushOf(
  image: TestImage,
  reference: Reference = byDigest(image.digest),
  tags: string[] = [],
): ManifestPush {
  return {
    reference,
    tags: tags.map((tag) => Tag.parse(tag)),
    mediaType: image.mediaType,
    content: image.manifest,
    digestOf: (algorithm) => digestOf(image.manifest, algorithm),
  };
}

/** An accessory of a subject that need not exist. */
export function aReferrer(subject: DescriptorJson, over: Record<string, unknown> = {}): TestImage {
  const empty = Buffer.from('{}');
  const payload = someBytes(100);
  return manifestOf(MediaType.OciManifest, [empty, payload], {
    schemaVersion: 2,
    mediaType: MediaType.OciManifest,
    artifactType: 'application/vnd.example.report',
    config: descriptorOf(empty, MediaType.OciEmpty),
    layers: [descriptorOf(payload, 'text/plain')],
    subject,
    ...over,
  });
}

/** One repository, one principal: what a client that is logged in sees. */
export class Client {
  constructor(
    readonly catalog: Catalog,
    readonly project: ProjectFacts,
    readonly repository: RepositoryName,
    readonly principal: Principal,
  ) {}

  async pushBlob(content: Buffer, digest = digestOf(content)): Promise<Digest> {
    const { uploads } = this.catalog;
    const { id } = await uploads.start(this.project, this.repository, this.principal);
    await uploads.finish(this.repository, this.principal, id, digest, chunkOf(content));
    return digest;
  }

  async push(image: TestImage, reference?: Reference, tags: string[] = []): Promise<PushedManifest> {
    for (const blob of image.blobs) await this.pushBlob(blob);
    return this.put(image, reference, tags);
  }

  put(image: TestImage, reference?: Reference, tags: string[] = []): Promise<PushedManifest> {
    return this.catalog.manifests.put(this.project, this.repository, this.principal, pushOf(image, reference, tags));
  }

  mount(digest: Digest, from: RepositoryName): Promise<CommittedBlob | null> {
    const { uploads } = this.catalog;
    return uploads.mount(this.project, this.repository, digest, from, async (candidates) => candidates);
  }

  delete(reference: Reference): Promise<void> {
    return this.catalog.manifests.delete(this.project, this.repository, this.principal, reference);
  }

  find(reference: Reference): Promise<FoundArtifact | null> {
    return this.catalog.artifacts.find(this.repository, reference);
  }

  async digestOf(reference: Reference): Promise<Digest | null> {
    return (await this.find(reference))?.digest ?? null;
  }

  async hasBlob(digest: Digest): Promise<boolean> {
    return (await this.catalog.blobs.find(this.repository, digest)) !== null;
  }
}

/** Asks again and again, beside everything else that goes on. */
export async function eventually(isTrue: () => Promise<boolean> | boolean): Promise<void> {
  const deadlineMs = performance.now() + 60_000;
  while (!(await isTrue())) {
    if (performance.now() > deadlineMs) throw new Error('it never came true');
    await new Promise((resolve) => setImmediate(resolve));
  }
}
