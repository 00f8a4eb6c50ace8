import { createHash } from 'node:crypto';
import zlib from 'node:zlib';
import { MediaType } from '@breakwater/oci';
import { type TarEntry, tar } from './tar.js';

/** A layer as a manifest names it and a registry serves it. */
export interface Layer {
  mediaType: string;
  bytes: Buffer;
  digest: string;
  /** Digest of the tar stream inside, as the config lists it. */
  diffId: string;
  /** Where a foreign layer lies; the registry does not have it. */
  urls?: readonly string[];
}

export function gzipLayer(entries: readonly TarEntry[]): Layer {
  const content = tar(entries);
  return layerOf(MediaType.OciLayerGzip, zlib.gzipSync(content, { level: 1 }), content);
}

export function zstdLayer(entries: readonly TarEntry[]): Layer {
  const content = tar(entries);
  return layerOf(MediaType.OciLayerZstd, zlib.zstdCompressSync(content), content);
}

export function plainLayer(entries: readonly TarEntry[]): Layer {
  const content = tar(entries);
  return layerOf(MediaType.OciLayer, content, content);
}

/** A layer that manifests name and no registry holds, as Windows base layers were. */
export function foreignLayer(entries: readonly TarEntry[], url: string): Layer {
  return { ...gzipLayer(entries), mediaType: MediaType.OciForeignLayerGzip, urls: [url] };
}

export function layerOf(mediaType: string, bytes: Buffer, content: Buffer): Layer {
  return { mediaType, bytes, digest: sha256(bytes), diffId: sha256(content) };
}

export function sha256(bytes: Buffer | string): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
