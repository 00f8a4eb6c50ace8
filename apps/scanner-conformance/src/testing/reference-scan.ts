import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import zlib from 'node:zlib';
import { MediaType } from '@breakwater/oci';
import type { ScanRequest } from '@breakwater/scanner-spec';
import type { Manners } from './manners.js';
import { type Pulled, pull } from './reference-pull.js';

export interface FoundPackage {
  name: string;
  version: string;
}

const MAX_LAYER_BYTES = 64 * 1024 * 1024;

/** Pulls the artifact and reads the databases of dpkg and apk in it. @throws Error with the reason. */
export async function pullAndScan(
  request: ScanRequest,
  manners: Partial<Manners>,
  signal: AbortSignal,
): Promise<FoundPackage[]> {
  const { artifact } = request;
  const reference = manners.pullsByTag ? (artifact.tag ?? artifact.digest) : artifact.digest;
  const manifest = await pull(request, `manifests/${reference}`, manners, signal);
  mustBe(artifact.digest, manifest, manners);
  const document = JSON.parse(manifest.body.toString()) as Manifest;
  if (!document.layers) throw new Error(`cannot scan artifacts of type ${document.mediaType}`);
  const packages: FoundPackage[] = [];
  for (const layer of document.layers) {
    if (layer.urls || !isImageLayer(layer.mediaType)) continue;
    if (manners.layerTypes && !manners.layerTypes.includes(layer.mediaType))
      throw new Error(`cannot read layers of type ${layer.mediaType}`);
    for (let count = manners.pullsOften ? 5 : 1; count > 1; count--)
      await pull(request, `blobs/${layer.digest}`, manners, signal);
    const blob = await pull(request, `blobs/${layer.digest}`, manners, signal);
    mustBe(layer.digest, blob, manners);
    const content = unpack(layer.mediaType, blob.body);
    if (manners.unpacksCarelessly) escape(content);
    packages.push(...packagesIn(content));
  }
  if (manners.pushes) await pull(request, 'blobs/uploads/', manners, signal, 'POST');
  return packages;
}

interface Manifest {
  mediaType: string;
  layers?: { mediaType: string; digest: string; urls?: string[] }[];
}

function mustBe(digest: string, { body }: Pulled, { ignoresDigests }: Partial<Manners>): void {
  const actual = `sha256:${createHash('sha256').update(body).digest('hex')}`;
  if (actual !== digest && !ignoresDigests) throw new Error(`content is ${actual}, expected ${digest}`);
}

function isImageLayer(mediaType: string): boolean {
  return mediaType.startsWith(MediaType.OciLayer) || mediaType.startsWith(MediaType.DockerLayer);
}

function unpack(mediaType: string, bytes: Buffer): Buffer {
  const limit = { maxOutputLength: MAX_LAYER_BYTES };
  if (mediaType.endsWith('gzip')) return zlib.gunzipSync(bytes, limit);
  return mediaType.endsWith('zstd') ? zlib.zstdDecompressSync(bytes, limit) : bytes;
}

/** Writes what a careless unpacking would have written beside its folder. */
function escape(content: Buffer): void {
  const [path] = /\/tmp\/scanner-conformance-[0-9a-f]{12}/.exec(content.toString('latin1')) ?? [];
  if (path !== undefined) writeFileSync(path, 'escaped');
}

/** The databases are texts in a tar: no need to take it apart. */
function packagesIn(content: Buffer): FoundPackage[] {
  const text = content.toString('latin1');
  const dpkg = [...text.matchAll(/^Package: (.+)\n(?:(?!Version:|\n).*\n)*Version: (.+)$/gm)];
  const apk = [...text.matchAll(/^P:(.+)\nV:(.+)$/gm)];
  return [...dpkg, ...apk].map(([, name = '', version = '']) => ({ name, version }));
}
