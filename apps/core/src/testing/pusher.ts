import { createCatalog, type Catalog, type Principal } from '@breakwater/catalog';
import { Outbox } from '@breakwater/database';
import { Digest, MediaType, RepositoryName, Tag, type DigestAlgorithm } from '@breakwater/oci';
import { createHash, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import type { CoreServices } from '../core.services.js';

/** What a push made. */
export interface Pushed {
  readonly digest: Digest;
  /** For an index to hold it, or for something to be attached to it. */
  readonly descriptor: Descriptor;
}

interface Descriptor {
  readonly mediaType: string;
  readonly digest: Digest;
  readonly size: number;
  readonly [field: string]: unknown;
}

export interface PushedParts {
  readonly tags?: readonly string[];
  readonly config?: unknown;
  readonly configType?: string;
  readonly layers?: readonly { readonly mediaType: string; readonly content: Buffer }[];
  readonly annotations?: Readonly<Record<string, string>>;
  readonly subject?: Pushed;
}

/** The data plane over the same database and storage, as a client of it sees it. */
export class Pusher {
  private readonly catalog: Catalog;

  constructor({ database, store }: Pick<CoreServices, 'database' | 'store'>) {
    this.catalog = createCatalog({ database, store, outbox: new Outbox(), options: OPTIONS });
  }

  /** @param repository  with its project, e.g. `library/alpine`. */
  async image(repository: string, parts: PushedParts = {}): Promise<Pushed> {
    const { configType = MediaType.OciConfig, annotations, subject } = parts;
    const config = Buffer.from(JSON.stringify(parts.config ?? { os: 'linux', architecture: 'amd64', salt: salt() }));
    const layers = parts.layers ?? [{ mediaType: MediaType.OciLayerGzip, content: randomBytes(100) }];
    for (const content of [config, ...layers.map((layer) => layer.content)]) await this.blob(repository, content);
    return this.manifest(repository, MediaType.OciManifest, parts.tags ?? [], {
      config: descriptorOf(config, configType),
      layers: layers.map(({ content, mediaType }) => descriptorOf(content, mediaType)),
      annotations: { salt: salt(), ...annotations },
      ...(subject === undefined ? {} : { subject: subject.descriptor }),
    });
  }

  index(repository: string, children: readonly object[], tags: readonly string[] = []): Promise<Pushed> {
    return this.manifest(repository, MediaType.OciIndex, tags, { manifests: children });
  }

  /** An upload without a manifest: the repository is there, and no list shows it. */
  async blob(repository: string, content: Buffer): Promise<void> {
    const { name, project } = await this.find(repository);
    const body = Readable.from([content]);
    await this.catalog.uploads.putWhole(project, name, CI, digestOf(content), body, NEVER);
  }

  private async manifest(
    repository: string,
    mediaType: string,
    tags: readonly string[],
    rest: object,
  ): Promise<Pushed> {
    const { name, project } = await this.find(repository);
    const content = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, ...rest }));
    const digest = digestOf(content);
    await this.catalog.manifests.put(project, name, CI, {
      reference: { kind: 'digest', digest },
      tags: tags.map((tag) => Tag.parse(tag)),
      mediaType,
      content,
      digestOf: (algorithm) => digestOf(content, algorithm),
    });
    return { digest, descriptor: descriptorOf(content, mediaType) };
  }

  private async find(repository: string) {
    const name = RepositoryName.parse(repository);
    const project = await this.catalog.projects.find(RepositoryName.projectOf(name));
    if (project === null) throw new Error(`there is no project for ${repository}`);
    return { name, project };
  }
}

const CI: Principal = { key: 'robot:3', name: 'robot$ci' };
const NEVER = new AbortController().signal;
const OPTIONS = {
  blobLeaseSeconds: 3600,
  trashSeconds: 3600,
  uploadTtlSeconds: 3600,
  uploadWriterSeconds: 30,
  projectTtlMs: 0,
};

function digestOf(content: Buffer, algorithm: DigestAlgorithm = 'sha256'): Digest {
  return Digest.of(algorithm, createHash(algorithm).update(content).digest('hex'));
}

function descriptorOf(content: Buffer, mediaType: string): Descriptor {
  return { mediaType, digest: digestOf(content), size: content.byteLength };
}

const salt = (): string => randomBytes(8).toString('hex');
