import { createHash } from 'node:crypto';
import zlib from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { parseManifest } from '@breakwater/oci';
import type { Artifact } from './artifact.js';
import { type ArtifactName, type Sizes, catalogue } from './catalogue.js';
import { bombLayer } from './hostile-layers.js';

const SIZES: Sizes = { bombMebibytes: 8, manyPackages: 50, hardLinks: 50, manifestBytes: 1000 };
const NAMES = Object.keys(catalogue) as ArtifactName[];

describe('the artifacts of the fixture registry', () => {
  it.each(NAMES)('%s has every blob that it names, under its digest and of its size', (name) => {
    const artifact = catalogue[name]('salt', SIZES);
    for (const one of [artifact, ...artifact.children.values()]) expectWhole(one);
  });

  it.each(NAMES)('%s is another one for every repository', (name) => {
    expect(catalogue[name]('one', SIZES).digest).not.toBe(catalogue[name]('other', SIZES).digest);
    expect(catalogue[name]('one', SIZES).digest).toBe(catalogue[name]('one', SIZES).digest);
  });

  it.each(NAMES.filter((name) => name !== 'index' && name !== 'wasm'))('%s tells what its layers unpack to', (name) => {
    const artifact = catalogue[name]('salt', SIZES);
    const { rootfs } = JSON.parse([...artifact.blobs.values()][0]!.toString()) as { rootfs: { diff_ids: string[] } };
    artifact.layerDigests.forEach((digest, layer) => {
      const bytes = artifact.blobs.get(digest);
      if (bytes) expect(rootfs.diff_ids[layer]).toBe(sha256(unpack(bytes)));
    });
  });

  it('has manifests that a registry takes', () => {
    for (const name of NAMES) {
      const { manifest, mediaType } = catalogue[name]('salt', { ...SIZES, manifestBytes: 4_000_000 });
      expect(parseManifest(manifest, mediaType).mediaType).toBe(mediaType);
    }
  });
});

describe('the bomb', () => {
  it('is a thousand times smaller than what it unpacks to', () => {
    const layer = bombLayer(64);
    expect(layer.bytes.length).toBeLessThan(96 * 1024);
    expect(zlib.gunzipSync(layer.bytes).length).toBe(512 + 64 * 1024 * 1024 + 1024);
  });
});

function expectWhole({ manifest, digest, blobs }: Artifact): void {
  expect(digest).toBe(sha256(manifest));
  const { config, layers = [] } = JSON.parse(manifest.toString()) as {
    config?: Named;
    layers?: (Named & { urls?: string[] })[];
  };
  for (const named of [...(config ? [config] : []), ...layers.filter(({ urls }) => !urls)]) {
    expect(sha256(blobs.get(named.digest)!)).toBe(named.digest);
    expect(blobs.get(named.digest)!.length).toBe(named.size);
  }
}

interface Named {
  digest: string;
  size: number;
}

function unpack(bytes: Buffer): Buffer {
  if (bytes.readUInt16BE(0) === 0x1f8b) return zlib.gunzipSync(bytes);
  return bytes.readUInt32LE(0) === 0xfd2fb528 ? zlib.zstdDecompressSync(bytes) : bytes;
}

function sha256(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
