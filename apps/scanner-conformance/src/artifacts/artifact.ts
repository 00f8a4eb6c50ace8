import { MediaType } from '@breakwater/oci';
import { type Layer, sha256 } from './layer.js';

/** A manifest and all that its registry serves with it. */
export interface Artifact {
  mediaType: string;
  manifest: Buffer;
  digest: string;
  /** By digest: configs and layers. */
  blobs: ReadonlyMap<string, Buffer>;
  /** By digest: manifests that an index names. */
  children: ReadonlyMap<string, Artifact>;
  /** Of the layers in their order, foreign ones included. */
  layerDigests: readonly string[];
}

export interface ImageOptions {
  layers: readonly Layer[];
  /** Whose media types the manifest uses; OCI's when not given. */
  dialect?: 'oci' | 'docker';
  os?: string;
  architecture?: string;
  configMediaType?: string;
  config?: Record<string, unknown>;
  annotations?: Record<string, string>;
}

export function image(options: ImageOptions): Artifact {
  const isDocker = options.dialect === 'docker';
  const config = Buffer.from(JSON.stringify(configOf(options)));
  const mediaType = isDocker ? MediaType.DockerManifest : MediaType.OciManifest;
  const configType = options.configMediaType ?? (isDocker ? MediaType.DockerConfig : MediaType.OciConfig);
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType,
      config: { mediaType: configType, digest: sha256(config), size: config.length },
      layers: options.layers.map((layer) => ({
        mediaType: isDocker ? dockerLayerType(layer.mediaType) : layer.mediaType,
        digest: layer.digest,
        size: layer.bytes.length,
        ...(layer.urls ? { urls: layer.urls } : {}),
      })),
      ...(options.annotations ? { annotations: options.annotations } : {}),
    }),
  );
  const own = options.layers.filter((layer) => layer.urls === undefined);
  return {
    mediaType,
    manifest,
    digest: sha256(manifest),
    blobs: new Map([[sha256(config), config], ...own.map((layer) => [layer.digest, layer.bytes] as const)]),
    children: new Map(),
    layerDigests: options.layers.map((layer) => layer.digest),
  };
}

export function index(children: readonly { artifact: Artifact; os: string; architecture: string }[]): Artifact {
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: MediaType.OciIndex,
      manifests: children.map(({ artifact, os, architecture }) => ({
        mediaType: artifact.mediaType,
        digest: artifact.digest,
        size: artifact.manifest.length,
        platform: { os, architecture },
      })),
    }),
  );
  return {
    mediaType: MediaType.OciIndex,
    manifest,
    digest: sha256(manifest),
    blobs: new Map(children.flatMap(({ artifact }) => [...artifact.blobs])),
    children: new Map(children.map(({ artifact }) => [artifact.digest, artifact])),
    layerDigests: [],
  };
}

function configOf({ layers, os, architecture, config }: ImageOptions): Record<string, unknown> {
  return {
    architecture: architecture ?? 'amd64',
    os: os ?? 'linux',
    created: '2023-06-12T00:00:00Z',
    config: {},
    rootfs: { type: 'layers', diff_ids: layers.map((layer) => layer.diffId) },
    history: layers.map(() => ({ created: '2023-06-12T00:00:00Z', created_by: 'scanner-conformance' })),
    ...config,
  };
}

function dockerLayerType(mediaType: string): string {
  if (mediaType === MediaType.OciLayer) return MediaType.DockerLayer;
  return mediaType === MediaType.OciLayerGzip ? MediaType.DockerLayerGzip : mediaType;
}
