import { MediaType } from '@breakwater/oci';
import { type Artifact, image, index } from './artifact.js';
import { bombLayer, hardLinkBombLayer, sparseLayer, symlinkLoopLayer, traversalLayer } from './hostile-layers.js';
import { type Layer, foreignLayer, gzipLayer, layerOf, plainLayer, sha256, zstdLayer } from './layer.js';
import { OLD_ALPINE_PACKAGES, OLD_DEBIAN_PACKAGES, alpine, debian, manyPackages } from './package-databases.js';

/** How large the large ones are; tests of the kit itself make them smaller. */
export interface Sizes {
  bombMebibytes: number;
  manyPackages: number;
  hardLinks: number;
  manifestBytes: number;
}

export const FULL_SIZES: Sizes = {
  bombMebibytes: 1024,
  manyPackages: 20_000,
  hardLinks: 10_000,
  manifestBytes: 4_000_000,
};

/**
 * Every artifact that the kit lets an adapter look at. `salt` goes into a layer of its own, so that no two repositories
 * share a digest and an adapter that keeps what it has pulled is still seen to pull.
 */
export const catalogue = {
  debian: debianImage,

  dockerManifest: (salt: string) =>
    image({ dialect: 'docker', layers: [gzipLayer(debian(OLD_DEBIAN_PACKAGES)), saltLayer(salt)] }),

  alpine: (salt: string) => image({ layers: [gzipLayer(alpine(OLD_ALPINE_PACKAGES)), saltLayer(salt)] }),

  plainTar: (salt: string) => image({ layers: [plainLayer(debian(OLD_DEBIAN_PACKAGES)), saltLayer(salt)] }),

  zstd: (salt: string) => image({ layers: [zstdLayer(debian(OLD_DEBIAN_PACKAGES)), zstdLayer(saltFile(salt))] }),

  noLayers: (salt: string) => image({ layers: [], annotations: { 'org.example.salt': salt } }),

  /** Packages in the first layer, ninety-nine more with a file each. */
  hundredLayers: (salt: string) =>
    image({
      layers: [
        gzipLayer(debian(OLD_DEBIAN_PACKAGES)),
        ...Array.from({ length: 99 }, (_, layer) => saltLayer(`${salt} ${layer}`)),
      ],
    }),

  foreignLayers: (salt: string) =>
    image({
      layers: [foreignLayer(saltFile(`${salt} base`), 'https://registry.invalid/base-layer'), saltLayer(salt)],
    }),

  windows: (salt: string) =>
    image({
      os: 'windows',
      config: { 'os.version': '10.0.20348.1' },
      layers: [
        gzipLayer([
          { path: 'Files/', kind: 'directory' },
          { path: 'Files/Windows/System32/license.txt', body: salt },
        ]),
      ],
    }),

  /** No distribution at all: one file that begins as a Linux program does. */
  scratch: (salt: string) =>
    image({
      layers: [gzipLayer([{ path: 'app', mode: 0o755, body: Buffer.concat([ELF_HEADER, Buffer.from(salt)]) }])],
    }),

  /** A package that an upper layer takes away again: a scanner that reads layers apart still reports it. */
  whiteouts: (salt: string) =>
    image({
      layers: [
        gzipLayer([...debian(OLD_DEBIAN_PACKAGES), { path: 'opt/gone/file', body: 'gone' }]),
        gzipLayer([{ path: 'opt/gone/.wh..wh..opq' }, { path: 'var/lib/dpkg/.wh.status' }, ...saltFile(salt)]),
      ],
    }),

  wasm: (salt: string) => {
    const bytes = Buffer.concat([WASM_HEADER, Buffer.from(salt)]);
    return image({
      configMediaType: MediaType.WasmConfig,
      os: 'wasip1',
      architecture: 'wasm',
      layers: [layerOf(MediaType.WasmLayer, bytes, bytes)],
    });
  },

  /** Handed over as if it were an image: registries walk indexes themselves, and one may still get here by mistake. */
  index: (salt: string) =>
    index([
      { artifact: debianImage(`${salt} amd64`), os: 'linux', architecture: 'amd64' },
      {
        artifact: image({ architecture: 'arm64', layers: [saltLayer(`${salt} arm64`)] }),
        os: 'linux',
        architecture: 'arm64',
      },
    ]),

  largeManifest: (salt: string, { manifestBytes }: Sizes) =>
    image({
      layers: [gzipLayer(debian(OLD_DEBIAN_PACKAGES)), saltLayer(salt)],
      annotations: { 'org.example.padding': 'x'.repeat(manifestBytes) },
    }),

  manyFindings: (salt: string, sizes: Sizes) =>
    image({ layers: [gzipLayer(debian(manyPackages(sizes.manyPackages))), saltLayer(salt)] }),

  bomb: (salt: string, { bombMebibytes }: Sizes) => image({ layers: [bombLayer(bombMebibytes), saltLayer(salt)] }),
  traversal: (salt: string) => image({ layers: [traversalLayer(escapedFileName(salt)), saltLayer(salt)] }),
  symlinkLoop: (salt: string) => image({ layers: [symlinkLoopLayer(), saltLayer(salt)] }),
  hardLinkBomb: (salt: string, { hardLinks }: Sizes) =>
    image({ layers: [hardLinkBombLayer(hardLinks), saltLayer(salt)] }),
  sparse: (salt: string) => image({ layers: [sparseLayer(), saltLayer(salt)] }),
} as const satisfies Record<string, (salt: string, sizes: Sizes) => Artifact>;

export type ArtifactName = keyof typeof catalogue;

/** The file that `traversal` puts into /tmp of whoever unpacks it carelessly. */
export function escapedFileName(salt: string): string {
  return `scanner-conformance-${sha256(salt).slice(-12)}`;
}

function debianImage(salt: string): Artifact {
  return image({ layers: [gzipLayer(debian(OLD_DEBIAN_PACKAGES)), saltLayer(salt)] });
}

function saltLayer(salt: string): Layer {
  return gzipLayer(saltFile(salt));
}

function saltFile(salt: string): { path: string; body: string }[] {
  return [{ path: 'etc/scanner-conformance', body: `${salt}\n` }];
}

/** The first bytes of a 64-bit program for x86-64 (System V ABI, "ELF Header") and of a WebAssembly module. */
const ELF_HEADER = Buffer.from('7f454c4602010100000000000000000002003e0001000000', 'hex');
const WASM_HEADER = Buffer.from('0061736d01000000', 'hex');
