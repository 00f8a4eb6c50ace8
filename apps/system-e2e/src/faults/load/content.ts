import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import type { Random } from '../random.js';

export interface BlobContent {
  readonly mediaType: string;
  readonly digest: string;
  readonly bytes: Buffer;
}

/** An artifact with all that it is made of. */
export interface ArtifactContent {
  readonly mediaType: string;
  readonly digest: string;
  /** Of the manifest. */
  readonly bytes: Buffer;
  readonly blobs: readonly BlobContent[];
  /** Of an index: pushed before it. */
  readonly children: readonly ArtifactContent[];
}

export const MEDIA_TYPE = {
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  index: 'application/vnd.oci.image.index.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
  layer: 'application/vnd.oci.image.layer.v1.tar+gzip',
} as const;

/** What users push: images of a few layers, of which some are in many images. */
export class ContentMaker {
  private readonly shared: readonly BlobContent[];

  /** @param maxLayerBytes  most layers are much smaller. */
  constructor(
    random: Random,
    private readonly maxLayerBytes: number,
  ) {
    this.shared = Array.from({ length: 10 }, () => layerOf(random, random.int(1_000, 60_000)));
  }

  image(random: Random): ArtifactContent {
    const own = Array.from({ length: random.int(1, 3) }, () => layerOf(random, this.sizeBytes(random)));
    return this.imageOf([...random.shuffled(this.shared).slice(0, random.int(0, 3)), ...own], random);
  }

  /** For many at once. */
  tinyImage(random: Random): ArtifactContent {
    return this.imageOf([layerOf(random, 100)], random);
  }

  index(children: readonly ArtifactContent[], random: Random): ArtifactContent {
    const annotations = { serial: String(random.int(0, 2 ** 31)) };
    return artifactOf(
      MEDIA_TYPE.index,
      { manifests: children.map(descriptorOf), annotations },
      { blobs: [], children },
    );
  }

  private imageOf(layers: readonly BlobContent[], random: Random): ArtifactContent {
    const config = {
      architecture: random.pick(['amd64', 'arm64']),
      os: 'linux',
      created: '2026-01-02T03:04:05Z',
      config: { Labels: { serial: String(random.int(0, 2 ** 31)) } },
      rootfs: { type: 'layers', diff_ids: layers.map((layer) => digestOf(layer.bytes)) },
    };
    const blobs = [blobOf(MEDIA_TYPE.config, Buffer.from(JSON.stringify(config))), ...layers];
    const [first, ...others] = blobs.map(descriptorOf);
    return artifactOf(MEDIA_TYPE.manifest, { config: first, layers: others }, { blobs, children: [] });
  }

  private sizeBytes(random: Random): number {
    return random.chance(0.15) ? random.int(1, this.maxLayerBytes) : random.int(1, 80_000);
  }
}

export function digestOf(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/** Real gzip: clients pack again what is not. */
function layerOf(random: Random, sizeBytes: number): BlobContent {
  return blobOf(MEDIA_TYPE.layer, gzipSync(random.bytes(sizeBytes), { level: 0 }));
}

function blobOf(mediaType: string, bytes: Buffer): BlobContent {
  return { mediaType, bytes, digest: digestOf(bytes) };
}

function artifactOf(
  mediaType: string,
  manifest: object,
  parts: Pick<ArtifactContent, 'blobs' | 'children'>,
): ArtifactContent {
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, ...manifest }));
  return { mediaType, bytes, digest: digestOf(bytes), ...parts };
}

function descriptorOf({ mediaType, digest, bytes }: BlobContent | ArtifactContent): object {
  return { mediaType, digest, size: bytes.length };
}
