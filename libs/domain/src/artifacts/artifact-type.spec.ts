import { describe, expect, it } from '@jest/globals';
import { parseManifest } from '@breakwater/oci';
import fc from 'fast-check';
import { artifactKindOf } from './artifact-type.js';
import type { ManifestFacts } from './manifest-facts.js';

const OCI_CONFIG = 'application/vnd.oci.image.config.v1+json';
const EMPTY = 'application/vnd.oci.empty.v1+json';
const INDEX = 'application/vnd.oci.image.index.v1+json';

const manifest = (config: string | null, more: Partial<ManifestFacts> = {}): ManifestFacts => ({
  mediaType: config === null ? INDEX : 'application/vnd.oci.image.manifest.v1+json',
  artifactType: null,
  config: config === null ? null : { mediaType: config, annotations: {} },
  layers: [],
  annotations: {},
  subject: null,
  ...more,
});

describe('artifactKindOf', () => {
  it.each<[string, ManifestFacts, [string, string, string]]>([
    ['an OCI image', manifest(OCI_CONFIG), ['IMAGE', OCI_CONFIG, OCI_CONFIG]],
    [
      'a docker image',
      manifest('application/vnd.docker.container.image.v1+json'),
      ['IMAGE', 'application/vnd.docker.container.image.v1+json', 'application/vnd.docker.container.image.v1+json'],
    ],
    ['an index', manifest(null), ['IMAGE', INDEX, '']],
    [
      'a WebAssembly module of the newer convention',
      manifest('application/vnd.wasm.config.v0+json'),
      ['WASM', 'application/vnd.wasm.config.v0+json', 'application/vnd.wasm.config.v0+json'],
    ],
    [
      'a docker manifest list',
      manifest(null, { mediaType: 'application/vnd.docker.distribution.manifest.list.v2+json' }),
      ['IMAGE', 'application/vnd.docker.distribution.manifest.list.v2+json', ''],
    ],
    [
      'docker schema 1',
      manifest(null, { mediaType: 'application/vnd.docker.distribution.manifest.v1+prettyjws' }),
      ['IMAGE', 'application/vnd.docker.distribution.manifest.v1+prettyjws', ''],
    ],
    [
      'a chart',
      manifest('application/vnd.cncf.helm.config.v1+json'),
      ['CHART', 'application/vnd.cncf.helm.config.v1+json', 'application/vnd.cncf.helm.config.v1+json'],
    ],
    [
      'a bundle: an index that its annotation names',
      manifest(null, { annotations: { 'org.opencontainers.artifactType': 'application/vnd.cnab.manifest.v1' } }),
      ['CNAB', 'application/vnd.cnab.manifest.v1', ''],
    ],
    [
      'a WebAssembly module',
      manifest('application/vnd.wasm.config.v1+json'),
      ['WASM', 'application/vnd.wasm.config.v1+json', 'application/vnd.wasm.config.v1+json'],
    ],
    [
      'a module in an image',
      manifest(OCI_CONFIG, { annotations: { 'run.oci.handler': 'wasm' } }),
      ['WASM', 'application/vnd.wasm.config.v1+json', OCI_CONFIG],
    ],
    [
      'an SBOM',
      manifest(OCI_CONFIG, { artifactType: 'application/vnd.goharbor.harbor.sbom.v1' }),
      ['SBOM', OCI_CONFIG, 'application/vnd.goharbor.harbor.sbom.v1'],
    ],
    [
      'a model',
      manifest(EMPTY, { artifactType: 'application/vnd.cncf.model.manifest.v1+json' }),
      ['CNAI', EMPTY, 'application/vnd.cncf.model.manifest.v1+json'],
    ],
    [
      'a type that names itself',
      manifest('application/vnd.acme.rocket.config.v1+json'),
      ['ROCKET', 'application/vnd.acme.rocket.config.v1+json', 'application/vnd.acme.rocket.config.v1+json'],
    ],
    [
      'a type of several words',
      manifest('application/vnd.acme.rocket.fuel.config.v1+json'),
      [
        'ROCKET.FUEL',
        'application/vnd.acme.rocket.fuel.config.v1+json',
        'application/vnd.acme.rocket.fuel.config.v1+json',
      ],
    ],
    [
      'an artifact of its own type',
      manifest(EMPTY, { artifactType: 'application/x-thing' }),
      ['UNKNOWN', EMPTY, 'application/x-thing'],
    ],
    [
      'an index of its own type',
      manifest(null, { artifactType: 'application/x-set' }),
      ['UNKNOWN', INDEX, 'application/x-set'],
    ],
    ['an empty artifactType', manifest(OCI_CONFIG, { artifactType: '' }), ['IMAGE', OCI_CONFIG, OCI_CONFIG]],
    [
      'a name that is missing',
      manifest('application/vnd.acme..config.v1+json'),
      ['UNKNOWN', 'application/vnd.acme..config.v1+json', 'application/vnd.acme..config.v1+json'],
    ],
  ])('%s', (_, facts, [type, mediaType, artifactType]) => {
    expect(artifactKindOf(facts)).toEqual({ type, mediaType, artifactType });
  });

  it('names every media type of the form after its name, and stays fast on hostile ones', () => {
    const word = fc.stringMatching(/^[a-z0-9-]{1,8}$/);
    fc.assert(
      fc.property(word, word, word, (vendor, name, version) => {
        const kind = artifactKindOf(manifest(`application/vnd.${vendor}.${name}.config.${version}+json`));
        expect(['CHART', 'WASM', 'IMAGE', name.toUpperCase()]).toContain(kind.type);
      }),
    );
    const hostile = `application/vnd.a${'.config.'.repeat(50_000)}+json`;
    expect(artifactKindOf(manifest(hostile)).type).toBe('UNKNOWN');
  });

  it('takes a manifest as the parser of the data plane gives it', () => {
    const descriptor = { mediaType: OCI_CONFIG, digest: `sha256:${'ab'.repeat(32)}`, size: 2 };
    const document = { schemaVersion: 2, mediaType: manifest(OCI_CONFIG).mediaType, config: descriptor, layers: [] };
    const parsed = parseManifest(Buffer.from(JSON.stringify(document)), document.mediaType);
    expect(artifactKindOf(parsed)).toEqual({ type: 'IMAGE', mediaType: OCI_CONFIG, artifactType: OCI_CONFIG });
  });
});
