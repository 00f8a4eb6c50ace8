import { randomBytes } from 'node:crypto';
import { aRandomDigest, digestOf, type Algorithm } from './world.js';

export interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly [more: string]: unknown;
}

export interface SetManifest {
  readonly descriptor: Descriptor;
  readonly body: Buffer;
  readonly tags: readonly string[];
  readonly subject: string | null;
  readonly artifactType: string | undefined;
  readonly annotations: Readonly<Record<string, string>> | undefined;
}

/** Content that belongs together, as it is pushed: blobs, then manifests, children before parents. */
export interface DataSet {
  readonly name: string;
  readonly algorithm: Algorithm;
  /** Tags by a parameter of the push by digest, instead of a push for each. */
  readonly isTaggedByParameter: boolean;
  readonly blobs: readonly { readonly digest: string; readonly content: Buffer }[];
  readonly manifests: readonly SetManifest[];
}

export const TYPE = {
  index: 'application/vnd.oci.image.index.v1+json',
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
  empty: 'application/vnd.oci.empty.v1+json',
  layer: 'application/vnd.oci.image.layer.v1.tar',
  layerGzip: 'application/vnd.oci.image.layer.v1.tar+gzip',
  foreignLayer: 'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip',
} as const;

interface ManifestOptions {
  readonly tags?: readonly string[];
  readonly subject?: Descriptor;
  readonly artifactType?: string;
  readonly annotations?: Readonly<Record<string, string>>;
  /** Fields beside the usual ones. */
  readonly more?: Readonly<Record<string, unknown>>;
}

/** Builds one set. Every manifest is new: no other set, run or registry has it. */
export class DataSetBuilder {
  private readonly blobs = new Map<string, Buffer>();
  private readonly manifests: SetManifest[] = [];

  constructor(
    private readonly name: string,
    private readonly algorithm: Algorithm = 'sha256',
    private readonly isTaggedByParameter = false,
  ) {}

  blob(mediaType: string, content: Buffer): Descriptor {
    const descriptor = this.describe(mediaType, content);
    this.blobs.set(descriptor.digest, content);
    return descriptor;
  }

  /** Described and never pushed. */
  missing(mediaType: string, more: Readonly<Record<string, unknown>> = {}): Descriptor {
    return { mediaType, digest: aRandomDigest(this.algorithm), size: 123, ...more };
  }

  config(more: Readonly<Record<string, unknown>> = {}): Descriptor {
    const config = { architecture: 'amd64', os: 'linux', rootfs: { type: 'layers', diff_ids: [] }, ...more };
    return this.blob(TYPE.config, Buffer.from(JSON.stringify({ ...config, author: randomBytes(8).toString('hex') })));
  }

  layer(mediaType: string = TYPE.layerGzip): Descriptor {
    return this.blob(mediaType, randomBytes(2000));
  }

  emptyObject(): Descriptor {
    return this.blob(TYPE.empty, Buffer.from('{}'));
  }

  image(
    options: ManifestOptions & { readonly config?: Descriptor; readonly layers?: readonly Descriptor[] } = {},
  ): Descriptor {
    const config = options.config ?? this.config();
    const layers = options.layers ?? [this.layer(), this.layer()];
    return this.manifest(TYPE.manifest, { config, layers }, options, options.artifactType ?? config.mediaType);
  }

  index(children: readonly Descriptor[], options: ManifestOptions = {}): Descriptor {
    // Unique without children, too.
    const more = { annotations: { 'org.example.unique': randomBytes(8).toString('hex'), ...options.annotations } };
    return this.manifest(TYPE.index, { manifests: children }, { ...options, ...more }, options.artifactType);
  }

  build(): DataSet {
    return {
      name: this.name,
      algorithm: this.algorithm,
      isTaggedByParameter: this.isTaggedByParameter,
      blobs: [...this.blobs].map(([digest, content]) => ({ digest, content })),
      manifests: this.manifests,
    };
  }

  private manifest(
    mediaType: string,
    parts: Readonly<Record<string, unknown>>,
    { tags = [], subject, artifactType, annotations, more = {} }: ManifestOptions,
    effectiveArtifactType: string | undefined,
  ): Descriptor {
    const document = { schemaVersion: 2, mediaType, artifactType, ...parts, subject, annotations, ...more };
    const body = Buffer.from(JSON.stringify(document, null, 2));
    const descriptor = this.describe(mediaType, body);
    this.manifests.push({
      descriptor,
      body,
      tags,
      subject: subject?.digest ?? null,
      artifactType: effectiveArtifactType,
      annotations,
    });
    return descriptor;
  }

  private describe(mediaType: string, content: Buffer): Descriptor {
    return { mediaType, digest: digestOf(content, this.algorithm), size: content.length };
  }
}
