import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { tarOf } from './tar.js';

export interface LayoutDescriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly platform?: { readonly os: string; readonly architecture: string };
  readonly annotations?: Readonly<Record<string, string>>;
}

const TYPE = {
  index: 'application/vnd.oci.image.index.v1+json',
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
  layer: 'application/vnd.oci.image.layer.v1.tar+gzip',
} as const;

const LARGE_BYTES = 1_000_000;

/**
 * A folder in the OCI image layout, with content that no registry has seen before: clients remember layers that
 * they have pushed, and would mount instead of upload.
 */
export class OciLayout {
  constructor(readonly directory: string) {
    mkdirSync(join(directory, 'blobs/sha256'), { recursive: true });
    writeFileSync(join(directory, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
    this.setIndex([]);
  }

  /** Adds an image whose layers hold random files. @returns its manifest's descriptor. */
  addImage(
    options: {
      readonly layerBytes?: readonly number[];
      readonly architecture?: string;
      readonly labels?: Readonly<Record<string, string>>;
    } = {},
  ): LayoutDescriptor {
    const architecture = options.architecture ?? 'amd64';
    const tars = (options.layerBytes ?? [1024, 4096]).map((size, index) =>
      tarOf([{ name: `file-${index}`, content: randomBytes(size) }]),
    );
    // Random bytes get no smaller, only later: large layers are wrapped as they are.
    const layers = tars.map((tar) =>
      this.addBlob(TYPE.layer, gzipSync(tar, { level: tar.length > LARGE_BYTES ? 0 : 1 })),
    );
    const config = {
      architecture,
      os: 'linux',
      author: 'breakwater tests',
      created: '2026-01-02T03:04:05Z',
      config: { Cmd: ['/file-0'], Labels: { purpose: 'test', ...options.labels } },
      rootfs: { type: 'layers', diff_ids: tars.map((tar) => digestOf(tar)) },
      history: tars.map((_, index) => ({ created: '2026-01-02T03:04:05Z', created_by: `COPY file-${index} /` })),
    };
    const manifest = {
      schemaVersion: 2,
      mediaType: TYPE.manifest,
      config: this.addJson(TYPE.config, config),
      layers,
    };
    return { ...this.addJson(TYPE.manifest, manifest), platform: { os: 'linux', architecture } };
  }

  /** Adds an index of the given images. */
  addIndex(manifests: readonly LayoutDescriptor[]): LayoutDescriptor {
    return this.addJson(TYPE.index, { schemaVersion: 2, mediaType: TYPE.index, manifests });
  }

  /** Names what the layout holds, so that `oci:<directory>:<name>` finds it. */
  name(name: string, descriptor: LayoutDescriptor): void {
    this.setIndex([{ ...descriptor, annotations: { 'org.opencontainers.image.ref.name': name } }]);
  }

  addJson(mediaType: string, value: unknown): LayoutDescriptor {
    return this.addBlob(mediaType, Buffer.from(JSON.stringify(value)));
  }

  addBlob(mediaType: string, content: Buffer): LayoutDescriptor {
    const digest = digestOf(content);
    writeFileSync(join(this.directory, 'blobs/sha256', digest.slice('sha256:'.length)), content);
    return { mediaType, digest, size: content.length };
  }

  private setIndex(manifests: readonly LayoutDescriptor[]): void {
    writeFileSync(join(this.directory, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests }));
  }
}

export function digestOf(content: Buffer): string {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`;
}
